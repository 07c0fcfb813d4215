import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Keys and certificates of Bouncy Castle's own, kept by name for the commands that sign. */
final class Identities {
  static final String SM2 = "SM3withSM2";

  /** A key with its certificate. */
  record Identity(KeyPair keys, X509CertificateHolder certificate) {
    PrivateKey key() {
      return keys.getPrivate();
    }

    ContentSigner signer() throws Exception {
      return new JcaContentSignerBuilder(SM2).setProvider("BC").build(key());
    }
  }

  private static final Map<String, Identity> KNOWN = new HashMap<>();
  private static final Date START = Date.from(Instant.parse("2026-01-01T00:00:00Z"));
  private static final Date END = Date.from(Instant.parse("2046-01-01T00:00:00Z"));

  private Identities() {}

  static void offer() {
    // name, issuer (empty: itself), purpose (ca, sign, timestamp, ocsp) -> certificate
    Peer.offer("make-certificate",
        a -> Peer.values(make(Peer.string(a[0]), Peer.string(a[1]), Peer.string(a[2]))));
    Peer.offer("public-key", a -> Peer.values(named(a[0]).keys().getPublic().getEncoded()));
  }

  static Identity named(byte[] name) {
    Identity found = KNOWN.get(Peer.string(name));
    if (found == null) {
      throw new IllegalArgumentException("no identity of this name");
    }
    return found;
  }

  static PublicKey publicKey(byte[] spki) throws Exception {
    return KeyFactory.getInstance("EC", "BC").generatePublic(new X509EncodedKeySpec(spki));
  }

  private static byte[] make(String name, String issuerName, String purpose) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "BC");
    generator.initialize(new ECGenParameterSpec("sm2p256v1"));
    KeyPair keys = generator.generateKeyPair();
    X500Name subject = new X500NameBuilder()
        .addRDN(BCStyle.C, "CN").addRDN(BCStyle.CN, name).build();
    Identity issuer = issuerName.isEmpty() ? new Identity(keys, null) : KNOWN.get(issuerName);
    X500Name issuedBy = issuerName.isEmpty() ? subject : issuer.certificate().getSubject();
    X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
        issuedBy, new BigInteger(127, new SecureRandom()).setBit(126), START, END, subject,
        keys.getPublic());
    addExtensions(builder, keys, issuer, purpose);
    Identity made = new Identity(keys, builder.build(issuer.signer()));
    KNOWN.put(name, made);
    return made.certificate().getEncoded();
  }

  private static void addExtensions(
      X509v3CertificateBuilder builder, KeyPair keys, Identity issuer, String purpose)
      throws Exception {
    boolean ca = purpose.equals("ca");
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
    int usage = ca
        ? KeyUsage.keyCertSign | KeyUsage.cRLSign
        : KeyUsage.digitalSignature | KeyUsage.nonRepudiation;
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
    if (ca) {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    }
    if (purpose.equals("timestamp") || purpose.equals("ocsp")) {
      KeyPurposeId id = purpose.equals("ocsp")
          ? KeyPurposeId.id_kp_OCSPSigning : KeyPurposeId.id_kp_timeStamping;
      builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(id));
    }
    builder.addExtension(Extension.subjectKeyIdentifier, false,
        identifiers.createSubjectKeyIdentifier(keys.getPublic()));
    builder.addExtension(Extension.authorityKeyIdentifier, false,
        identifiers.createAuthorityKeyIdentifier(issuer.keys().getPublic()));
  }
}
