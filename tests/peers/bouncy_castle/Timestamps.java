import java.math.BigInteger;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.TimeStampTokenGenerator;
import org.bouncycastle.util.CollectionStore;

/** RFC 3161, asking, answering and judging. */
final class Timestamps {
  private static final ASN1ObjectIdentifier POLICY = new ASN1ObjectIdentifier("1.2.3.4");

  private Timestamps() {}

  static void offer() {
    Peer.offer("ask-timestamp", Timestamps::ask);
    Peer.offer("verify-timestamp", Timestamps::verify);
    Peer.offer("verify-token", Timestamps::verifyToken);
    Peer.offer("make-timestamp", Timestamps::make);
  }

  private static DigestCalculatorProvider digests() throws Exception {
    return new JcaDigestCalculatorProviderBuilder().setProvider("BC").build();
  }

  /** Arguments: digest's identifier, digest. Answer: a request with a nonce. */
  private static byte[][] ask(byte[][] a) throws Exception {
    TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
    generator.setCertReq(true);
    return Peer.values(generator.generate(new ASN1ObjectIdentifier(Peer.string(a[0])), a[1],
        BigInteger.valueOf(0x1122334455667788L)).getEncoded());
  }

  /** Arguments: request, response. Answer: time, serial number, policy. */
  private static byte[][] verify(byte[][] a) throws Exception {
    TimeStampResponse response = new TimeStampResponse(a[1]);
    try {
      response.validate(new TimeStampRequest(a[0]));
    } catch (TSPException refused) {
      throw new Peer.Refusal(refused.getMessage());
    }
    Peer.demand(response.getTimeStampToken() != null, "no token");
    return judged(response.getTimeStampToken());
  }

  /** Arguments: token, digest stamped. Answer: time, serial number, policy. */
  private static byte[][] verifyToken(byte[][] a) throws Exception {
    TimeStampToken token = new TimeStampToken(ContentInfo.getInstance(a[0]));
    byte[] imprint = token.getTimeStampInfo().getMessageImprintDigest();
    Peer.demand(java.util.Arrays.equals(imprint, a[1]), "the token is over something else");
    return judged(token);
  }

  private static byte[][] judged(TimeStampToken token) throws Exception {
    @SuppressWarnings("unchecked")
    var found = token.getCertificates().getMatches(token.getSID());
    Peer.demand(found.size() == 1, "the service's certificate is not there");
    try {
      token.validate(Messages.verifier((X509CertificateHolder) found.iterator().next()));
    } catch (TSPException refused) {
      throw new Peer.Refusal(refused.getMessage());
    }
    var info = token.getTimeStampInfo();
    return Peer.values(Peer.text(info.getGenTime().toInstant()),
        Peer.text(info.getSerialNumber()), Peer.text(info.getPolicy()));
  }

  /** Arguments: service's name, request, instant. Answer: a response. */
  private static byte[][] make(byte[][] a) throws Exception {
    Identities.Identity service = Identities.named(a[0]);
    DigestCalculator sm3 = digests().get(new AlgorithmIdentifier(GMObjectIdentifiers.sm3));
    TimeStampTokenGenerator tokens = new TimeStampTokenGenerator(
        new JcaSimpleSignerInfoGeneratorBuilder().setProvider("BC")
            .build(Identities.SM2, service.key(), service.certificate()),
        sm3, POLICY);
    tokens.addCertificates(new CollectionStore<>(List.of(service.certificate())));
    tokens.setAccuracySeconds(1);
    TimeStampResponseGenerator responses = new TimeStampResponseGenerator(
        tokens, Set.of(GMObjectIdentifiers.sm3.getId(), "2.16.840.1.101.3.4.2.1"));
    return Peer.values(responses.generate(new TimeStampRequest(a[1]), BigInteger.valueOf(77),
        Date.from(Instant.parse(Peer.string(a[2])))).getEncoded());
  }
}
