import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.SignedData;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.SignerInfoGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.util.CollectionStore;

/** Signed messages: RFC 5652, and GB/T 35275 with its own object identifiers. */
final class Messages {
  private static final ASN1ObjectIdentifier DATA = new ASN1ObjectIdentifier("1.2.840.113549.1.7.1");
  private static final ASN1ObjectIdentifier GM_DATA =
      new ASN1ObjectIdentifier("1.2.156.10197.6.1.4.2.1");
  private static final ASN1ObjectIdentifier GM_SIGNED_DATA =
      new ASN1ObjectIdentifier("1.2.156.10197.6.1.4.2.2");

  private Messages() {}

  static void offer() {
    Peer.offer("verify-message", Messages::verify);
    Peer.offer("make-message", Messages::make);
  }

  static SignerInformationVerifier verifier(X509CertificateHolder certificate) throws Exception {
    return new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate);
  }

  /** Arguments: message, content when it is detached (else empty). Answer: the content. */
  private static byte[][] verify(byte[][] a) throws Exception {
    CMSSignedData message = a[1].length == 0
        ? new CMSSignedData(a[0])
        : new CMSSignedData(new CMSProcessableByteArray(a[1]), a[0]);
    Peer.demand(message.getSignerInfos().size() == 1, "not one signer");
    for (SignerInformation signer : message.getSignerInfos()) {
      @SuppressWarnings("unchecked")
      var found = message.getCertificates().getMatches(signer.getSID());
      Peer.demand(found.size() == 1, "the signer's certificate is not there");
      demandSignature(signer, (X509CertificateHolder) found.iterator().next());
    }
    Object content = message.getSignedContent() == null
        ? new byte[0] : message.getSignedContent().getContent();
    return Peer.values((byte[]) content);
  }

  private static void demandSignature(SignerInformation signer, X509CertificateHolder certificate)
      throws Exception {
    try {
      Peer.demand(signer.verify(verifier(certificate)), "message does not verify");
    } catch (CMSException refused) {
      throw new Peer.Refusal(refused.getMessage());
    }
  }

  /** Arguments: signer's name, content, form (rfc, gm), attributes (yes, no), detached. */
  private static byte[][] make(byte[][] a) throws Exception {
    Identities.Identity signer = Identities.named(a[0]);
    boolean gm = Peer.string(a[2]).equals("gm");
    SignerInfoGenerator info = new JcaSignerInfoGeneratorBuilder(
            new JcaDigestCalculatorProviderBuilder().setProvider("BC").build())
        .setDirectSignature(Peer.string(a[3]).equals("no"))
        .build(signer.signer(), converted(signer.certificate()));
    CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
    generator.addSignerInfoGenerator(info);
    generator.addCertificates(new CollectionStore<>(List.of(signer.certificate())));
    CMSSignedData made = generator.generate(
        new CMSProcessableByteArray(gm ? GM_DATA : DATA, a[1]), Peer.string(a[4]).equals("no"));
    ContentInfo whole = made.toASN1Structure();
    if (gm) {
      whole = new ContentInfo(GM_SIGNED_DATA, SignedData.getInstance(whole.getContent()));
    }
    return Peer.values(whole.getEncoded("DER"));
  }

  private static java.security.cert.X509Certificate converted(X509CertificateHolder holder)
      throws Exception {
    return new org.bouncycastle.cert.jcajce.JcaX509CertificateConverter()
        .setProvider("BC").getCertificate(holder);
  }
}
