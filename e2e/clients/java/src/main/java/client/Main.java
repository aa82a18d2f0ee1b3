package client;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.ChainedTokenCredentialBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import reactor.core.publisher.Mono;

/** Asks for a token as an application does: java client.Main --credential=managed-identity --client-id=... */
public final class Main {
    private static final Map<String, String> OPTIONS = new HashMap<>();

    private static TokenCredential managedIdentity() {
        ManagedIdentityCredentialBuilder builder = new ManagedIdentityCredentialBuilder();
        if (OPTIONS.containsKey("client-id")) builder.clientId(OPTIONS.get("client-id"));
        else if (OPTIONS.containsKey("resource-id")) builder.resourceId(OPTIONS.get("resource-id"));
        else if (OPTIONS.containsKey("object-id")) builder.objectId(OPTIONS.get("object-id"));
        return builder.build();
    }

    private static TokenCredential credential() {
        return switch (OPTIONS.getOrDefault("credential", "managed-identity")) {
            case "default" -> new DefaultAzureCredentialBuilder().build();
            case "chain" -> new ChainedTokenCredentialBuilder()
                .addLast(managedIdentity())
                .addLast(request -> Mono.just(
                    new AccessToken("of the next credential", OffsetDateTime.now().plusMinutes(1))))
                .build();
            default -> managedIdentity();
        };
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char each : text.toCharArray()) {
            if (each == '"' || each == '\\') quoted.append('\\').append(each);
            else if (each < ' ') quoted.append(String.format("\\u%04x", (int) each));
            else quoted.append(each);
        }
        return quoted.append('"').toString();
    }

    public static void main(String[] args) {
        for (String arg : args) {
            String[] parts = arg.substring(2).split("=", 2);
            OPTIONS.put(parts[0], parts[1]);
        }
        String scope = OPTIONS.getOrDefault("resource", "https://storage.azure.com") + "/.default";
        long startedAt = System.nanoTime();
        String answer;
        try {
            String token = credential().getToken(new TokenRequestContext().addScopes(scope)).block().getToken();
            answer = "\"token\":" + quote(token);
        } catch (RuntimeException error) {
            answer = "\"error\":" + quote(error.getClass().getSimpleName() + ": " + error.getMessage());
        }
        long ms = (System.nanoTime() - startedAt) / 1_000_000;
        String version = System.getProperty("client.version", "");
        System.out.println("{\"client\":" + quote("azure-identity (Java) " + version) + ",\"ms\":" + ms + "," + answer + "}");
        System.exit(0);
    }
}
