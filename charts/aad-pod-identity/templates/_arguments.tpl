{{- /* Arguments of the containers: those that come from values by the generated tables of _flags.tpl, and those that the chart knows. */ -}}

{{- /* The value at a path as the text of a flag; lists with commas. Takes (list $ path). */ -}}
{{- define "aad-pod-identity.flagValue" -}}
{{- $here := (index . 0).Values -}}
{{- range $name := splitList "." (index . 1) -}}
{{- $here = get (default (dict) $here) $name -}}
{{- end -}}
{{- if kindIs "slice" $here -}}
{{- join "," $here -}}
{{- else if kindIs "float64" $here -}}
{{- int64 $here -}}
{{- else if not (kindIs "invalid" $here) -}}
{{- toString $here -}}
{{- end -}}
{{- end -}}

{{- /* Takes (list $ container). Settings that are left empty give no argument: the program's default holds. */ -}}
{{- define "aad-pod-identity.flagsFromValues" -}}
{{- $root := index . 0 -}}
{{- range $flag, $path := fromYaml (include (printf "aad-pod-identity.%s.flags" (index . 1)) $root) -}}
{{- $value := include "aad-pod-identity.flagValue" (list $root $path) -}}
{{- if ne $value "" }}
- {{ printf "--%s=%s" $flag $value | quote }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.mic.arguments" -}}
{{- if include "aad-pod-identity.readsAzureJson" . }}
- {{ printf "--cloudconfig=%s" .Values.mic.cloudConfig | quote }}
{{- end }}
{{- if include "aad-pod-identity.hasRbac" . }}
- {{ printf "--deployment=%s/%s" .Release.Namespace (include "aad-pod-identity.mic.name" .) | quote }}
{{- end }}
- {{ printf "--leader-election-namespace=%s" (include "aad-pod-identity.leaderElectionNamespace" .) | quote }}
{{- include "aad-pod-identity.flagsFromValues" (list . "mic") }}
{{- end -}}

{{- define "aad-pod-identity.nmi.arguments" -}}
- --node=$(NODE_NAME)
- {{ printf "--daemonset=%s/%s" .Release.Namespace (include "aad-pod-identity.nmi.name" .) | quote }}
{{- /* roles that were made by hand for an earlier version may not read it: then only where there is something to read */}}
{{- if or (include "aad-pod-identity.hasRbac" .) .Values.namespaces }}
- {{ printf "--namespace-settings=%s/%s" .Release.Namespace (include "aad-pod-identity.namespacesName" .) | quote }}
{{- end }}
- {{ printf "--MICNamespace=%s" (default .Release.Namespace .Values.nmi.micNamespace) | quote }}
- {{ printf "--mic-service-accounts=%s" (include "aad-pod-identity.rbacName" (list . "mic" "service-account")) | quote }}
{{- with include "aad-pod-identity.redirection" . }}
- {{ printf "--redirection=%s" . | quote }}
{{- end }}
{{- with include "aad-pod-identity.listenAddress" . }}
- {{ printf "--nmi-listen-address=%s" . | quote }}
{{- end }}
{{- if include "aad-pod-identity.isManaged" . }}
- --forceNamespaced=true
{{- end }}
{{- include "aad-pod-identity.flagsFromValues" (list . "nmi") }}
{{- end -}}

{{- define "aad-pod-identity.redirection" -}}
{{- if include "aad-pod-identity.isTrue" .Values.cilium.localRedirectPolicy -}}none{{- else -}}{{ .Values.nmi.redirection }}{{- end -}}
{{- end -}}

{{- /* Cilium redirects to the address of NMI's pod, which is the node's. */ -}}
{{- define "aad-pod-identity.listenAddress" -}}
{{- if .Values.nmi.listenAddress -}}
{{ .Values.nmi.listenAddress }}
{{- else if include "aad-pod-identity.isTrue" .Values.cilium.localRedirectPolicy -}}
$(NODE_IP)
{{- end -}}
{{- end -}}

{{- /* A 1.8.17 holds its lock in `default` unless told otherwise; both must see the same one for as long as it may run. */ -}}
{{- define "aad-pod-identity.leaderElectionNamespace" -}}
{{- $name := default "aad-pod-identity-mic" .Values.mic.leaderElection.name -}}
{{- if .Values.mic.leaderElection.namespace -}}
{{ .Values.mic.leaderElection.namespace }}
{{- else if lookup "v1" "Endpoints" "default" $name -}}
default
{{- else -}}
{{ .Release.Namespace }}
{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.image" -}}
{{- $root := index . 0 -}}{{- $settings := index . 1 -}}
{{- printf "%s/%s:%s" (trimSuffix "/" $root.Values.image.repository) $settings.image (default $root.Chart.AppVersion $settings.tag) | quote -}}
{{- end -}}
