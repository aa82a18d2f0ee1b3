{{- /* Questions about the values; the answer is "true" or nothing. */ -}}

{{- /* Values that may be true, false, "true" or "false". */ -}}
{{- define "aad-pod-identity.isTrue" -}}
{{- if eq (toString .) "true" -}}true{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.isManaged" -}}
{{- if eq (toString .Values.operationMode) "managed" -}}true{{- end -}}
{{- end -}}

{{- /* Whether MIC and NMI are rendered at all. */ -}}
{{- define "aad-pod-identity.rendersWorkloads" -}}
{{- if not (or (include "aad-pod-identity.isTrue" .Values.identitiesOnly) .Values.onlyNamespace) -}}true{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.rendersMic" -}}
{{- if and (include "aad-pod-identity.rendersWorkloads" .) (not (include "aad-pod-identity.isManaged" .)) -}}true{{- end -}}
{{- end -}}

{{- /* Whether MIC reads the node's azure.json, for which it has to be root. */ -}}
{{- define "aad-pod-identity.readsAzureJson" -}}
{{- if not .Values.adminsecret -}}true{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.hasRbac" -}}
{{- if and (include "aad-pod-identity.rendersWorkloads" .) (include "aad-pod-identity.isTrue" .Values.rbac.enabled) -}}true{{- end -}}
{{- end -}}

{{- /* Whether an object of the cluster is there and belongs to somebody else. Takes (list $ apiVersion kind namespace name). */ -}}
{{- define "aad-pod-identity.belongsToOthers" -}}
{{- $root := index . 0 -}}
{{- $found := lookup (index . 1) (index . 2) (index . 3) (index . 4) -}}
{{- if $found -}}
{{- $notes := default (dict) $found.metadata.annotations -}}
{{- $ours := and (eq (toString (get $notes "meta.helm.sh/release-name")) $root.Release.Name) (eq (toString (get $notes "meta.helm.sh/release-namespace")) $root.Release.Namespace) -}}
{{- if not $ours -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Whether the NMI that runs is one of the archived original, by the chart that installed it. */ -}}
{{- define "aad-pod-identity.replacesOriginal" -}}
{{- $running := lookup "apps/v1" "DaemonSet" .Release.Namespace (include "aad-pod-identity.nmi.name" .) -}}
{{- if $running -}}
{{- if regexMatch "^aad-pod-identity-[0-4]\\." (toString (get (default (dict) $running.metadata.labels) "helm.sh/chart")) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Whether the nodes are closed before that one ends. Who redirects otherwise, or brings accounts of their own, sees to it. */ -}}
{{- define "aad-pod-identity.closesFirst" -}}
{{- if and (include "aad-pod-identity.hasRbac" .) (ne (include "aad-pod-identity.redirection" .) "none") (include "aad-pod-identity.replacesOriginal" .) -}}true{{- end -}}
{{- end -}}

{{- /* Of whatever writes the rules of a node. iptables of the kind `legacy` opens a raw socket. */ -}}
{{- define "aad-pod-identity.nmi.securityContext" -}}
runAsUser: 0
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
  add: {{ if eq (toString .Values.nmi.iptablesBackend) "nft" }}[NET_ADMIN]{{ else }}[NET_ADMIN, NET_RAW]{{ end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}
