import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Bouncy Castle as a second opinion: one command a line, one answer a line.
 *
 * <p>A command is a word and arguments in base64, separated by spaces; an empty argument is "=".
 * The answer is "ok" with values in base64, "no" with a sentence when something does not verify,
 * or "error" when Bouncy Castle cannot do what is asked. It lives as long as its standard input,
 * so that the virtual machine starts once for all tests.
 */
public final class Peer {
  /** One thing that can be asked. */
  interface Command {
    byte[][] run(byte[][] arguments) throws Exception;
  }

  /** What does not verify. Anything else thrown says that the peer could not judge. */
  static final class Refusal extends Exception {
    Refusal(String why) {
      super(why);
    }
  }

  private static final Map<String, Command> COMMANDS = new TreeMap<>();

  private Peer() {}

  static void offer(String name, Command command) {
    COMMANDS.put(name, command);
  }

  static byte[][] values(byte[]... values) {
    return values;
  }

  static byte[] text(Object value) {
    return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
  }

  static String string(byte[] argument) {
    return new String(argument, StandardCharsets.UTF_8);
  }

  static void demand(boolean holds, String otherwise) throws Refusal {
    if (!holds) {
      throw new Refusal(otherwise);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    offer("version", a -> values(
        text(Security.getProvider("BC").getVersionStr()), text(Runtime.version().feature())));
    Identities.offer();
    Certificates.offer();
    Paths.offer();
    Messages.offer();
    Timestamps.offer();
    StatusAnswers.offer();
    Signatures.offer();
    Encryption.offer();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(answer(line));
    }
  }

  private static String answer(String line) {
    String[] words = line.split(" ");
    Command command = COMMANDS.get(words[0]);
    try {
      if (command == null) {
        throw new IllegalArgumentException("no such command: " + words[0]);
      }
      List<byte[]> arguments = new ArrayList<>();
      for (int i = 1; i < words.length; i++) {
        arguments.add(words[i].equals("=") ? new byte[0] : Base64.getDecoder().decode(words[i]));
      }
      StringBuilder answer = new StringBuilder("ok");
      for (byte[] value : command.run(arguments.toArray(new byte[0][]))) {
        answer.append(' ');
        answer.append(value.length == 0 ? "=" : Base64.getEncoder().encodeToString(value));
      }
      return answer.toString();
    } catch (Refusal refusal) {
      return "no " + encoded(refusal);
    } catch (Exception | StackOverflowError | OutOfMemoryError error) {
      return "error " + encoded(error);
    }
  }

  private static String encoded(Throwable thrown) {
    String why = thrown instanceof Refusal ? thrown.getMessage() : thrown.toString();
    return Base64.getEncoder().encodeToString(text(why));
  }
}
