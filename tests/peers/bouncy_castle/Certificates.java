import java.math.BigInteger;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.cert.X509CRLEntryHolder;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certificates one link at a time, revocation lists and certification requests. */
final class Certificates {
  private Certificates() {}

  static void offer() {
    Peer.offer("verify-certificate", Certificates::verifyCertificate);
    Peer.offer("verify-crl", Certificates::verifyCRL);
    Peer.offer("verify-request", Certificates::verifyRequest);
    Peer.offer("make-crl", Certificates::makeCRL);
    Peer.offer("make-request", Certificates::makeRequest);
  }

  static ContentVerifierProvider verifier(byte[] certificate) throws Exception {
    return new JcaContentVerifierProviderBuilder()
        .setProvider("BC").build(new X509CertificateHolder(certificate));
  }

  /** Arguments: certificate, issuer's certificate. */
  private static byte[][] verifyCertificate(byte[][] a) throws Exception {
    X509CertificateHolder certificate = new X509CertificateHolder(a[0]);
    Peer.demand(certificate.isSignatureValid(verifier(a[1])), "certificate does not verify");
    return Peer.values(Peer.text(certificate.getSerialNumber()));
  }

  /** Arguments: list, issuer's certificate, serial number. Answer: reason, or "absent". */
  private static byte[][] verifyCRL(byte[][] a) throws Exception {
    X509CRLHolder list = new X509CRLHolder(a[0]);
    Peer.demand(list.isSignatureValid(verifier(a[1])), "list does not verify");
    X509CRLEntryHolder entry = list.getRevokedCertificate(new BigInteger(Peer.string(a[2])));
    BigInteger number =
        CRLNumber.getInstance(list.getExtension(Extension.cRLNumber).getParsedValue())
            .getCRLNumber();
    return Peer.values(Peer.text(entry == null ? "absent" : reason(entry)), Peer.text(number));
  }

  private static String reason(X509CRLEntryHolder entry) {
    Extension found = entry.getExtension(Extension.reasonCode);
    return found == null ? "unspecified"
        : CRLReason.getInstance(found.getParsedValue()).getValue().toString();
  }

  /** Argument: request. Answer: key and subject. */
  private static byte[][] verifyRequest(byte[][] a) throws Exception {
    PKCS10CertificationRequest request = new PKCS10CertificationRequest(a[0]);
    ContentVerifierProvider key = new JcaContentVerifierProviderBuilder()
        .setProvider("BC").build(request.getSubjectPublicKeyInfo());
    Peer.demand(request.isSignatureValid(key), "request does not verify");
    return Peer.values(
        request.getSubjectPublicKeyInfo().getEncoded(), request.getSubject().getEncoded());
  }

  /** Arguments: issuer's name, serial number revoked, instants of update and next update. */
  private static byte[][] makeCRL(byte[][] a) throws Exception {
    Identities.Identity issuer = Identities.named(a[0]);
    Date since = Date.from(Instant.parse(Peer.string(a[2])));
    X509v2CRLBuilder builder = new X509v2CRLBuilder(issuer.certificate().getSubject(), since);
    builder.setNextUpdate(Date.from(Instant.parse(Peer.string(a[3]))));
    builder.addCRLEntry(new BigInteger(Peer.string(a[1])), since, 1);
    builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(7)));
    return Peer.values(builder.build(issuer.signer()).getEncoded());
  }

  /** Argument: name of the identity that asks. */
  private static byte[][] makeRequest(byte[][] a) throws Exception {
    Identities.Identity asker = Identities.named(a[0]);
    X500Name subject = asker.certificate().getSubject();
    return Peer.values(
        new JcaPKCS10CertificationRequestBuilder(subject, asker.keys().getPublic())
            .build(asker.signer()).getEncoded());
  }
}
