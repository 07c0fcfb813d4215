import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.SM2Engine;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.util.BigIntegers;

/** SM2 encryption, written as SM2Cipher of GM/T 0009: x, y, C3, C2. */
final class Encryption {
  private static final int COORDINATE = 32;

  private Encryption() {}

  static void offer() {
    Peer.offer("encrypt", Encryption::encrypt);
    Peer.offer("decrypt", Encryption::decrypt);
  }

  /** Arguments: key (SubjectPublicKeyInfo), message. Answer: SM2Cipher. */
  private static byte[][] encrypt(byte[][] a) throws Exception {
    SM2Engine engine = new SM2Engine(SM2Engine.Mode.C1C3C2);
    engine.init(true,
        new ParametersWithRandom(PublicKeyFactory.createKey(a[0]), new SecureRandom()));
    byte[] raw = engine.processBlock(a[1], 0, a[1].length);
    ASN1EncodableVector parts = new ASN1EncodableVector();
    parts.add(new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(raw, 1, 33))));
    parts.add(new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(raw, 33, 65))));
    parts.add(new DEROctetString(Arrays.copyOfRange(raw, 65, 97)));
    parts.add(new DEROctetString(Arrays.copyOfRange(raw, 97, raw.length)));
    return Peer.values(new DERSequence(parts).getEncoded("DER"));
  }

  /** Arguments: name of the identity, SM2Cipher. Answer: message. */
  private static byte[][] decrypt(byte[][] a) throws Exception {
    ASN1Sequence parts = ASN1Sequence.getInstance(a[1]);
    byte[] digest = ASN1OctetString.getInstance(parts.getObjectAt(2)).getOctets();
    byte[] hidden = ASN1OctetString.getInstance(parts.getObjectAt(3)).getOctets();
    byte[] raw = org.bouncycastle.util.Arrays.concatenate(
        new byte[] {4}, coordinate(parts, 0), coordinate(parts, 1));
    raw = org.bouncycastle.util.Arrays.concatenate(raw, digest, hidden);
    SM2Engine engine = new SM2Engine(SM2Engine.Mode.C1C3C2);
    engine.init(false,
        PrivateKeyFactory.createKey(Identities.named(a[0]).key().getEncoded()));
    try {
      return Peer.values(engine.processBlock(raw, 0, raw.length));
    } catch (InvalidCipherTextException | IllegalArgumentException refused) {
      throw new Peer.Refusal(String.valueOf(refused.getMessage()));
    }
  }

  private static byte[] coordinate(ASN1Sequence parts, int number) {
    return BigIntegers.asUnsignedByteArray(
        COORDINATE, ASN1Integer.getInstance(parts.getObjectAt(number)).getPositiveValue());
  }
}
