// Asks for a token as an application does: client -credential=managed-identity -client-id=...
package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"runtime/debug"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

var (
	kind       = flag.String("credential", "managed-identity", "managed-identity, default or chain")
	clientID   = flag.String("client-id", "", "")
	resourceID = flag.String("resource-id", "", "")
	objectID   = flag.String("object-id", "", "")
	resource   = flag.String("resource", "https://storage.azure.com", "")
)

type next struct{}

func (next) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "of the next credential", ExpiresOn: time.Now().Add(time.Minute)}, nil
}

func managedIdentity() (azcore.TokenCredential, error) {
	var id azidentity.ManagedIDKind
	switch {
	case *clientID != "":
		id = azidentity.ClientID(*clientID)
	case *resourceID != "":
		id = azidentity.ResourceID(*resourceID)
	case *objectID != "":
		id = azidentity.ObjectID(*objectID)
	}
	return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: id})
}

func credential() (azcore.TokenCredential, error) {
	switch *kind {
	case "default":
		return azidentity.NewDefaultAzureCredential(nil)
	case "chain":
		first, err := managedIdentity()
		if err != nil {
			return nil, err
		}
		return azidentity.NewChainedTokenCredential([]azcore.TokenCredential{first, next{}}, nil)
	default:
		return managedIdentity()
	}
}

func token() (string, error) {
	from, err := credential()
	if err != nil {
		return "", err
	}
	got, err := from.GetToken(context.Background(), policy.TokenRequestOptions{Scopes: []string{*resource + "/.default"}})
	return got.Token, err
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, dep := range info.Deps {
		if dep.Path == "github.com/Azure/azure-sdk-for-go/sdk/azidentity" {
			return dep.Version
		}
	}
	return ""
}

func main() {
	flag.Parse()
	startedAt := time.Now()
	got, err := token()
	answer := map[string]any{"client": "azidentity " + version(), "ms": time.Since(startedAt).Milliseconds()}
	if err != nil {
		answer["error"] = err.Error()
	} else {
		answer["token"] = got
	}
	_ = json.NewEncoder(os.Stdout).Encode(answer)
}
