import java.math.BigInteger;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaBasicOCSPRespBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** OCSP, asking, answering and judging. */
final class StatusAnswers {
  private StatusAnswers() {}

  static void offer() {
    Peer.offer("ask-status", StatusAnswers::ask);
    Peer.offer("verify-status", StatusAnswers::verify);
    Peer.offer("make-status", StatusAnswers::make);
  }

  private static DigestCalculatorProvider digests() throws Exception {
    return new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
  }

  /** Arguments: digest's identifier, issuer's certificate, serial number, nonce. */
  private static byte[][] ask(byte[][] a) throws Exception {
    DigestCalculator digest = digests().get(
        new AlgorithmIdentifier(new ASN1ObjectIdentifier(Peer.string(a[0]))));
    CertificateID id = new CertificateID(
        digest, new X509CertificateHolder(a[1]), new BigInteger(Peer.string(a[2])));
    OCSPReqBuilder builder = new OCSPReqBuilder().addRequest(id);
    builder.setRequestExtensions(new Extensions(nonce(new DEROctetString(a[3]).getEncoded())));
    return Peer.values(builder.build().getEncoded());
  }

  private static Extension nonce(byte[] value) {
    return new Extension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce, false, value);
  }

  /** Arguments: response, issuer's certificate, serial number. Answer: status, nonce. */
  private static byte[][] verify(byte[][] a) throws Exception {
    OCSPResp response = new OCSPResp(a[0]);
    Peer.demand(response.getStatus() == OCSPResp.SUCCESSFUL, "status " + response.getStatus());
    BasicOCSPResp basic = (BasicOCSPResp) response.getResponseObject();
    X509CertificateHolder responder =
        basic.getCerts().length > 0 ? basic.getCerts()[0] : new X509CertificateHolder(a[1]);
    Peer.demand(
        basic.isSignatureValid(Certificates.verifier(responder.getEncoded())),
        "answer does not verify");
    Peer.demand(
        responder.isSignatureValid(Certificates.verifier(a[1])), "responder is a stranger");
    SingleResp single = basic.getResponses()[0];
    Peer.demand(
        single.getCertID().matchesIssuer(new X509CertificateHolder(a[1]), digests())
            && single.getCertID().getSerialNumber().equals(new BigInteger(Peer.string(a[2]))),
        "the answer is about another certificate");
    Extension nonce = basic.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
    return Peer.values(Peer.text(status(single.getCertStatus())),
        nonce == null ? new byte[0] : nonce.getExtnValue().getOctets());
  }

  private static String status(CertificateStatus status) {
    if (status == CertificateStatus.GOOD) {
      return "good";
    }
    return status instanceof RevokedStatus ? "revoked" : "unknown";
  }

  /** Arguments: responder's name, request, instant, next instant, good, revoked or unknown. */
  private static byte[][] make(byte[][] a) throws Exception {
    Identities.Identity responder = Identities.named(a[0]);
    OCSPReq request = new OCSPReq(a[1]);
    Date at = Date.from(Instant.parse(Peer.string(a[2])));
    Date next = Date.from(Instant.parse(Peer.string(a[3])));
    CertificateStatus status = switch (Peer.string(a[4])) {
      case "good" -> CertificateStatus.GOOD;
      case "revoked" -> new RevokedStatus(at, 1);
      default -> new UnknownStatus();
    };
    BasicOCSPRespBuilder builder = new JcaBasicOCSPRespBuilder(
        responder.keys().getPublic(),
        digests().get(CertificateID.HASH_SHA1));
    builder.addResponse(request.getRequestList()[0].getCertID(), status, at, next);
    Extension nonce = request.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
    if (nonce != null) {
      builder.setResponseExtensions(new Extensions(nonce));
    }
    BasicOCSPResp basic = builder.build(
        responder.signer(), new X509CertificateHolder[] {responder.certificate()}, at);
    return Peer.values(
        new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, basic).getEncoded());
  }
}
