{{- /* What makes the render fail: one sentence that names the path and the cure. */ -}}

{{- define "aad-pod-identity.checks" -}}
{{- include "aad-pod-identity.checkRepository" . -}}
{{- range $component := list "mic" "nmi" -}}
{{- include "aad-pod-identity.checkTag" (list $component (get $.Values $component).tag) -}}
{{- end -}}
{{- include "aad-pod-identity.checkMode" . -}}
{{- include "aad-pod-identity.checkSecondInstall" . -}}
{{- include "aad-pod-identity.checkNamespaces" . -}}
{{- end -}}

{{- define "aad-pod-identity.checkRepository" -}}
{{- $cure := "set it to the registry and folder that holds the images mic and nmi of this project, such as registry.example.com/aad-pod-identity" -}}
{{- $repository := toString (default "" .Values.image.repository) -}}
{{- if not $repository -}}
{{- fail (printf "image.repository is missing: %s" $cure) -}}
{{- end -}}
{{- if regexMatch "(?i)^mcr\\.microsoft\\.com/(oss/azure|k8s)/aad-pod-identity" $repository -}}
{{- fail (printf "image.repository is the one of the archived original, whose programs this chart does not run: %s" $cure) -}}
{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.checkTag" -}}
{{- $tag := toString (default "" (index . 1)) -}}
{{- if regexMatch "^v?1\\." $tag -}}
{{- fail (printf "%s.tag is %s, a version of the archived original: leave it out, or set it to a version of this project" (index . 0) $tag) -}}
{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.checkMode" -}}
{{- if and .Values.startupTaint.key (include "aad-pod-identity.isManaged" .) -}}
{{- fail "startupTaint.key is set while operationMode is managed, in which no MIC runs that would take the taint off: leave it out" -}}
{{- end -}}
{{- if and (include "aad-pod-identity.isTrue" .Values.cilium.localRedirectPolicy) (eq (toString .Values.nmi.redirection) "iptables") -}}
{{- fail "nmi.redirection is iptables while cilium.localRedirectPolicy is true: leave out one of them" -}}
{{- end -}}
{{- $strategy := default (dict) .Values.nmi.updateStrategy -}}
{{- $rolling := default (dict) (get $strategy "rollingUpdate") -}}
{{- $surge := toString (default 0 (get $rolling "maxSurge")) -}}
{{- if and (not (has $surge (list "0" "0%"))) (not (has (toString (get $rolling "maxUnavailable")) (list "0" "0%"))) -}}
{{- fail "nmi.updateStrategy.rollingUpdate has maxSurge, and maxUnavailable is not 0, which Kubernetes refuses: set maxUnavailable to 0, or leave out maxSurge" -}}
{{- end -}}
{{- if and (not (has $surge (list "0" "0%"))) (include "aad-pod-identity.replacesOriginal" .) -}}
{{- fail "nmi.updateStrategy.rollingUpdate has maxSurge, and the NMI that runs is one of 1.8.17, which shares its port with nobody, so that neither would ever end: leave out nmi.updateStrategy for this upgrade" -}}
{{- end -}}
{{- end -}}

{{- /* Two NMIs would fight for the rules and ports of every node. */ -}}
{{- define "aad-pod-identity.checkSecondInstall" -}}
{{- range $other := (default (dict) (lookup "apps/v1" "DaemonSet" "" "")).items -}}
{{- $labels := default (dict) $other.metadata.labels -}}
{{- if and (hasPrefix "aad-pod-identity-" (toString (get $labels "helm.sh/chart"))) (eq (toString (get $labels "app.kubernetes.io/component")) "nmi") -}}
{{- $release := toString (get $labels "app.kubernetes.io/instance") -}}
{{- if or (ne $release $.Release.Name) (ne $other.metadata.namespace $.Release.Namespace) -}}
{{- fail (printf "aad-pod-identity runs in this cluster already, as release %s in namespace %s, and two of it would fight for the rules of each node: upgrade that release, or uninstall it first" $release $other.metadata.namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The cure is said once, for a namespace that was rendered before and is not in the values. */ -}}
{{- define "aad-pod-identity.checkNamespaces" -}}
{{- $before := lookup "v1" "ConfigMap" .Release.Namespace (include "aad-pod-identity.namespacesName" .) -}}
{{- range $namespace, $_ := default (dict) (default (dict) $before).data -}}
{{- if not (or (hasKey (default (dict) $.Values.namespaces) $namespace) (has $namespace (default (list) $.Values.removedNamespaces))) -}}
{{- fail (printf "namespaces.%s was there before and is not in these values: add the file that has it, or list %s in removedNamespaces" $namespace $namespace) -}}
{{- end -}}
{{- end -}}
{{- range $namespace := default (list) .Values.removedNamespaces -}}
{{- if hasKey (default (dict) $.Values.namespaces) $namespace -}}
{{- fail (printf "removedNamespaces has %s, which is in namespaces as well: leave it out of one of them" $namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.namespacesName" -}}
{{ include "aad-pod-identity.name" . }}-namespaces
{{- end -}}

{{- /* A team's file may say something of its own namespace only. */ -}}
{{- define "aad-pod-identity.checkOnlyNamespace" -}}
{{- $only := .Values.onlyNamespace -}}
{{- $defaults := fromYaml (.Files.Get "files/defaults.yaml") -}}
{{- $values := omit .Values "onlyNamespace" "global" "namespaces" -}}
{{- range $key, $value := $values -}}
{{- if ne (toJson $value) (toJson (get $defaults $key)) -}}
{{- fail (printf "%s is set by a file that may touch namespaces.%s only: move it to the file of the whole cluster" $key $only) -}}
{{- end -}}
{{- end -}}
{{- range $namespace, $_ := default (dict) .Values.namespaces -}}
{{- if ne $namespace $only -}}
{{- fail (printf "namespaces.%s is set by a file that may touch namespaces.%s only: move it to the file of that team" $namespace $only) -}}
{{- end -}}
{{- end -}}
{{- end -}}
