import java.math.BigInteger;
import java.security.PublicKey;
import java.security.Signature;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.crypto.digests.SM3Digest;

/** SM2 over bytes, and the seals of GB/T 38540, of which Bouncy Castle knows only the pieces. */
final class Signatures {
  private Signatures() {}

  static void offer() {
    Peer.offer("sm3", a -> Peer.values(digest(a[0])));
    Peer.offer("verify", Signatures::verify);
    Peer.offer("sign", Signatures::sign);
    Peer.offer("verify-seal", a -> seal(ASN1Sequence.getInstance(strict(a[0]))));
    Peer.offer("verify-seal-signature", Signatures::sealSignature);
  }

  private static byte[] digest(byte[] message) {
    SM3Digest sm3 = new SM3Digest();
    sm3.update(message, 0, message.length);
    byte[] out = new byte[32];
    sm3.doFinal(out, 0);
    return out;
  }

  private static ASN1Primitive strict(byte[] der) throws Exception {
    return ASN1Primitive.fromByteArray(der);
  }

  /** Arguments: key (SubjectPublicKeyInfo), message, 64 bytes of r and s. */
  private static byte[][] verify(byte[][] a) throws Exception {
    Peer.demand(a[2].length == 64, "a raw signature has 64 bytes");
    ASN1EncodableVector numbers = new ASN1EncodableVector();
    numbers.add(new ASN1Integer(new BigInteger(1, java.util.Arrays.copyOfRange(a[2], 0, 32))));
    numbers.add(new ASN1Integer(new BigInteger(1, java.util.Arrays.copyOfRange(a[2], 32, 64))));
    demandSignature(
        Identities.publicKey(a[0]), a[1], new DERSequence(numbers).getEncoded("DER"));
    return Peer.values();
  }

  /** Arguments: signer's name, message. Answer: r and s, 64 bytes. */
  private static byte[][] sign(byte[][] a) throws Exception {
    Signature signature = Signature.getInstance(Identities.SM2, "BC");
    signature.initSign(Identities.named(a[0]).key());
    signature.update(a[1]);
    ASN1Sequence numbers = ASN1Sequence.getInstance(signature.sign());
    byte[] raw = new byte[64];
    for (int i = 0; i < 2; i++) {
      byte[] number = org.bouncycastle.util.BigIntegers.asUnsignedByteArray(
          32, ASN1Integer.getInstance(numbers.getObjectAt(i)).getPositiveValue());
      System.arraycopy(number, 0, raw, 32 * i, 32);
    }
    return Peer.values(raw);
  }

  private static void demandSignature(PublicKey key, byte[] message, byte[] der)
      throws Exception {
    Signature signature = Signature.getInstance(Identities.SM2, "BC");
    signature.initVerify(key);
    signature.update(message);
    Peer.demand(signature.verify(der), "signature does not verify");
  }

  /** Whoever signed {@code [0]} with the certificate in {@code [1]}; the pieces are four. */
  private static void demandSigned(ASN1Sequence whole, int least) throws Exception {
    Peer.demand(whole.size() >= least && whole.size() <= 5, "not the pieces of a seal");
    ASN1ObjectIdentifier algorithm = ASN1ObjectIdentifier.getInstance(whole.getObjectAt(2));
    Peer.demand(algorithm.equals(GMObjectIdentifiers.sm2sign_with_sm3), "not SM2 with SM3");
    X509CertificateHolder certificate = new X509CertificateHolder(
        ASN1OctetString.getInstance(whole.getObjectAt(1)).getOctets());
    demandSignature(
        Identities.publicKey(certificate.getSubjectPublicKeyInfo().getEncoded()),
        whole.getObjectAt(0).toASN1Primitive().getEncoded("DER"),
        ASN1BitString.getInstance(whole.getObjectAt(3)).getOctets());
  }

  /** Argument: SESeal. Answer: its identifier. */
  private static byte[][] seal(ASN1Sequence seal) throws Exception {
    demandSigned(seal, 4);
    ASN1Sequence info = ASN1Sequence.getInstance(seal.getObjectAt(0));
    ASN1Sequence header = ASN1Sequence.getInstance(info.getObjectAt(0));
    Peer.demand(header.getObjectAt(0).toString().equals("ES"), "no header of a seal");
    Peer.demand(header.getObjectAt(1).toString().equals("4"), "not version 4");
    return Peer.values(Peer.text(info.getObjectAt(1)));
  }

  /** Argument: SES_Signature. Answer: seal's identifier, digest and path it names. */
  private static byte[][] sealSignature(byte[][] a) throws Exception {
    ASN1Sequence whole = ASN1Sequence.getInstance(strict(a[0]));
    demandSigned(whole, 4);
    ASN1Sequence tbs = ASN1Sequence.getInstance(whole.getObjectAt(0));
    byte[] identifier = seal(ASN1Sequence.getInstance(tbs.getObjectAt(1)))[0];
    byte[] signer = ASN1OctetString.getInstance(whole.getObjectAt(1)).getOctets();
    ASN1Sequence info = ASN1Sequence.getInstance(
        ASN1Sequence.getInstance(tbs.getObjectAt(1)).getObjectAt(0));
    ASN1Sequence listed = ASN1Sequence.getInstance(
        ASN1Sequence.getInstance(info.getObjectAt(2)).getObjectAt(3));
    boolean found = false;
    for (int i = 0; i < listed.size(); i++) {
      found |= java.util.Arrays.equals(
          signer, ASN1OctetString.getInstance(listed.getObjectAt(i)).getOctets());
    }
    Peer.demand(found, "the signer is not in the seal's list");
    return Peer.values(identifier,
        ASN1BitString.getInstance(tbs.getObjectAt(3)).getOctets(),
        Peer.text(tbs.getObjectAt(4)));
  }
}
