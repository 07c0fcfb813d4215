import java.io.ByteArrayInputStream;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;

/** Path validation (RFC 5280, 6) as Bouncy Castle does it, over a path given in order. */
final class Paths {
  private Paths() {}

  static void offer() {
    // instant, number of lists, lists..., anchor, path from the leaf up (without the anchor)
    Peer.offer("verify-path", Paths::verify);
  }

  private static byte[][] verify(byte[][] a) throws Exception {
    CertificateFactory factory = CertificateFactory.getInstance("X.509", "BC");
    int lists = Integer.parseInt(Peer.string(a[1]));
    List<Object> crls = new ArrayList<>();
    for (int i = 2; i < 2 + lists; i++) {
      crls.add(factory.generateCRL(new ByteArrayInputStream(a[i])));
    }
    X509Certificate anchor = read(factory, a[2 + lists]);
    List<X509Certificate> chain = new ArrayList<>();
    for (int i = 3 + lists; i < a.length; i++) {
      chain.add(read(factory, a[i]));
    }
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
    parameters.setDate(Date.from(Instant.parse(Peer.string(a[0]))));
    parameters.setRevocationEnabled(lists > 0);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls), "BC"));
    CertPath path = factory.generateCertPath(chain);
    try {
      CertPathValidator.getInstance("PKIX", "BC").validate(path, parameters);
    } catch (CertPathValidatorException refused) {
      throw new Peer.Refusal(String.valueOf(refused.getMessage()));
    }
    return Peer.values(Peer.text(chain.size()));
  }

  private static X509Certificate read(CertificateFactory factory, byte[] der) throws Exception {
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
  }
}
