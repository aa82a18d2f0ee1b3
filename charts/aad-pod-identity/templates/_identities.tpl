{{- /* From the values of one identity to its two objects. Every failure names the path of the value and what to do. */ -}}

{{- define "aad-pod-identity.checkIsMap" -}}
{{- if kindIs "slice" (index . 1) -}}
{{- fail (printf "%s is a list, as it was in charts before 3.0: make it a map whose keys are the names" (index . 0)) -}}
{{- end -}}
{{- end -}}

{{- /* Every identity that is rendered, as YAML: path -> {key, namespace, namespaced, own, value}; `own` is of a team's file. */ -}}
{{- define "aad-pod-identity.identities" -}}
{{- $all := dict -}}
{{- include "aad-pod-identity.checkIsMap" (list "azureIdentities" .Values.azureIdentities) -}}
{{- range $key, $value := omit (default (dict) .Values.azureIdentities) "global" -}}
{{- if $value -}}
{{- $path := printf "azureIdentities.%s" $key -}}
{{- $_ := set $all $path (dict "key" $key "namespace" (default $.Release.Namespace $value.namespace) "value" $value) -}}
{{- end -}}
{{- end -}}
{{- range $namespace, $settings := omit (default (dict) .Values.namespaces) "global" -}}
{{- $identities := (default (dict) $settings).azureIdentities -}}
{{- include "aad-pod-identity.checkIsMap" (list (printf "namespaces.%s.azureIdentities" $namespace) $identities) -}}
{{- range $key, $value := omit (default (dict) $identities) "global" -}}
{{- if $value -}}
{{- $path := printf "namespaces.%s.azureIdentities.%s" $namespace $key -}}
{{- $_ := set $all $path (dict "key" $key "namespace" $namespace "namespaced" $settings.namespaced "own" true "value" $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{- define "aad-pod-identity.needed" -}}
{{- $path := index . 0 -}}{{- $value := index . 1 -}}
{{- range $field := slice . 2 -}}
{{- if not (get $value $field) -}}
{{- fail (printf "%s.%s is missing: an identity of type %v needs it" $path $field (default 0 $value.type)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The Secret of a service principal, as YAML, from a map or from JSON in a text. Never quotes what it finds: it may be the password. */ -}}
{{- define "aad-pod-identity.clientPassword" -}}
{{- $path := index . 0 -}}{{- $identity := index . 1 -}}
{{- $given := $identity.value.clientPassword -}}
{{- $secret := ternary (fromJson (toString $given)) $given (kindIs "string" $given) -}}
{{- if or (hasKey $secret "Error") (not $secret.name) -}}
{{- fail (printf "%s.clientPassword must name a Secret: set it to {name, namespace} of the Secret, never to the password itself" $path) -}}
{{- end -}}
{{- $namespace := default $identity.namespace $secret.namespace -}}
{{- if and $identity.own (ne $namespace $identity.namespace) -}}
{{- fail (printf "%s.clientPassword.namespace is %s: set it to %s or leave it out, for a team uses Secrets of its own namespace only" $path $namespace $identity.namespace) -}}
{{- end -}}
name: {{ $secret.name | quote }}
namespace: {{ $namespace | quote }}
{{- end -}}

{{- /* Whether an identity stays in its namespace. What is said for a namespace can be tightened, never loosened. */ -}}
{{- define "aad-pod-identity.isNamespaced" -}}
{{- $path := index . 0 -}}{{- $identity := index . 1 -}}
{{- $inherited := include "aad-pod-identity.isTrue" $identity.namespaced -}}
{{- $own := toString $identity.value.namespaced -}}
{{- if and $inherited (eq $own "false") -}}
{{- fail (printf "%s.namespaced is false while its whole namespace is namespaced: leave it out, settings below only tighten those above" $path) -}}
{{- end -}}
{{- if or $inherited (eq $own "true") -}}true{{- end -}}
{{- end -}}

{{- /* What NMI is to hold in one namespace, as JSON (apps/nmi/src/namespace-settings); nothing where nothing is tighter. */ -}}
{{- define "aad-pod-identity.tighterSettings" -}}
{{- $settings := dict -}}
{{- range $name := list "blockInstanceMetadata" "namespaced" -}}
{{- if include "aad-pod-identity.isTrue" (get $ $name) -}}
{{- $_ := set $settings $name true -}}
{{- end -}}
{{- end -}}
{{- if $settings -}}{{- toJson $settings -}}{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.checkNamespaceSettings" -}}
{{- range $namespace, $settings := default (dict) .Values.namespaces -}}
{{- $settings = default (dict) $settings -}}
{{- if and (include "aad-pod-identity.isTrue" $.Values.forceNamespaced) (eq (toString $settings.namespaced) "false") -}}
{{- fail (printf "namespaces.%s.namespaced is false while forceNamespaced is true: leave it out, settings of a namespace only tighten those of the cluster" $namespace) -}}
{{- end -}}
{{- if and (eq (toString $settings.blockInstanceMetadata) "false") (include "aad-pod-identity.isTrue" $.Values.nmi.blockInstanceMetadata) -}}
{{- fail (printf "namespaces.%s.blockInstanceMetadata is false while nmi.blockInstanceMetadata is true: leave it out, settings of a namespace only tighten those of the cluster" $namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.identitySpec" -}}
{{- $root := index . 0 -}}{{- $path := index . 1 -}}{{- $identity := index . 2 -}}
{{- $value := $identity.value -}}
{{- $type := int (default 0 $value.type) -}}
type: {{ $type }}
{{- if eq $type 0 }}
{{- include "aad-pod-identity.needed" (list $path $value "resourceID") }}
{{- if include "aad-pod-identity.isManaged" $root }}
{{- include "aad-pod-identity.needed" (list $path $value "clientID") }}
{{- end }}
{{- if not (regexMatch "(?i)^/subscriptions/.+/resourcegroups/.+/providers/microsoft[.]managedidentity/userassignedidentities/.+$" $value.resourceID) }}
{{- fail (printf "%s.resourceID is no id of a managed identity: set it to the `id` that `az identity show` prints, /subscriptions/<subscription>/resourceGroups/<group>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<name>" $path) }}
{{- end }}
resourceID: {{ $value.resourceID | quote }}
{{- with $value.clientID }}
clientID: {{ . | quote }}
{{- end }}
{{- else }}
{{- include "aad-pod-identity.needed" (list $path $value "clientID" "tenantID" "clientPassword") }}
clientID: {{ $value.clientID | quote }}
tenantID: {{ $value.tenantID | quote }}
clientPassword:
  {{- include "aad-pod-identity.clientPassword" (list $path $identity) | nindent 2 }}
{{- with $value.auxiliaryTenantIDs }}
auxiliaryTenantIDs:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $value.adEndpoint }}
adEndpoint: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "aad-pod-identity.bindingSpec" -}}
{{- $path := index . 0 -}}{{- $name := index . 1 -}}{{- $binding := index . 2 -}}
{{- if not $binding.selector -}}
{{- fail (printf "%s.binding.selector is missing: set it to the value of the label aadpodidbinding of the pods that are to have the identity" $path) -}}
{{- end -}}
azureIdentity: {{ $name | quote }}
selector: {{ $binding.selector | quote }}
{{- with $binding.weight }}
weight: {{ int . }}
{{- end }}
{{- with $binding.serviceAccountNames }}
serviceAccountNames:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* All identities and bindings, as YAML documents. */ -}}
{{- define "aad-pod-identity.identityObjects" -}}
{{- $only := include "aad-pod-identity.isTrue" .Values.identitiesOnly }}
{{- include "aad-pod-identity.checkNamespaceSettings" . }}
{{- $seen := dict }}
{{- range $path, $identity := fromYaml (include "aad-pod-identity.identities" .) }}
{{- if and $only (ne $identity.namespace $.Release.Namespace) }}
{{- fail (printf "%s is in namespace %s, and with identitiesOnly the release has its own namespace %s only: leave its namespace out, or install it there" $path $identity.namespace $.Release.Namespace) }}
{{- end }}
{{- $name := default $identity.key $identity.value.name }}
{{- $binding := default (dict) $identity.value.binding }}
{{- range $kind, $object := dict "AzureIdentity" $name "AzureIdentityBinding" (default $name $binding.name) }}
{{- $id := printf "%s %s/%s" $kind $identity.namespace $object }}
{{- if hasKey $seen $id }}
{{- fail (printf "%s and %s are both %s: give one of them another name" (get $seen $id) $path $id) }}
{{- end }}
{{- $_ := set $seen $id $path }}
{{- end }}
---
apiVersion: aadpodidentity.k8s.io/v1
kind: AzureIdentity
metadata:
  name: {{ $name }}
  namespace: {{ $identity.namespace }}
  labels:
    {{- include "aad-pod-identity.labels" $ | nindent 4 }}
  {{- if include "aad-pod-identity.isNamespaced" (list $path $identity) }}
  annotations:
    aadpodidentity.k8s.io/Behavior: namespaced
  {{- end }}
spec:
  {{- include "aad-pod-identity.identitySpec" (list $ $path $identity) | nindent 2 }}
---
apiVersion: aadpodidentity.k8s.io/v1
kind: AzureIdentityBinding
metadata:
  name: {{ default $name $binding.name }}
  namespace: {{ $identity.namespace }}
  labels:
    {{- include "aad-pod-identity.labels" $ | nindent 4 }}
spec:
  {{- include "aad-pod-identity.bindingSpec" (list $path $name $binding) | nindent 2 }}
{{- end }}
{{- end -}}
