{{- /* Names and labels. Upgrades match on them: none may change. */ -}}

{{- define "aad-pod-identity.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 59 | trimSuffix "-" -}}
{{- end -}}

{{- define "aad-pod-identity.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 59 | trimSuffix "-" -}}
{{- end -}}

{{- define "aad-pod-identity.mic.name" -}}
{{- if .Values.plainNames -}}mic{{- else -}}{{ include "aad-pod-identity.name" . }}-mic{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.nmi.name" -}}
{{- if .Values.plainNames -}}nmi{{- else -}}{{ include "aad-pod-identity.name" . }}-nmi{{- end -}}
{{- end -}}

{{- /* Takes (list $ "mic"|"nmi" "service-account"|"role"|"binding"). */ -}}
{{- define "aad-pod-identity.rbacName" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
{{- if $root.Values.plainNames -}}
aad-pod-id-{{ $component }}-{{ index . 2 }}
{{- else -}}
{{ include (printf "aad-pod-identity.%s.name" $component) $root }}
{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.micSecretName" -}}
{{- if .Values.plainNames -}}aadpodidentity-admin-secret{{- else -}}{{ include "aad-pod-identity.mic.name" . }}{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- /* Labels of every object. */ -}}
{{- define "aad-pod-identity.labels" -}}
{{- if .Values.plainNames -}}
k8s-app: aad-pod-id
{{- else -}}
app.kubernetes.io/name: {{ include "aad-pod-identity.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ include "aad-pod-identity.chart" . }}
{{- end -}}
{{- end -}}

{{- /* What selects the pods of a component; immutable. */ -}}
{{- define "aad-pod-identity.mic.selector" -}}
{{- if .Values.plainNames -}}
app: mic
component: mic
{{- else -}}
app.kubernetes.io/name: {{ include "aad-pod-identity.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: mic
{{- end -}}
{{- end -}}

{{- define "aad-pod-identity.nmi.selector" -}}
{{- if .Values.plainNames -}}
component: nmi
tier: node
{{- else -}}
app.kubernetes.io/name: {{ include "aad-pod-identity.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: nmi
{{- end -}}
{{- end -}}

{{- /* Labels of a component's objects and pods. Takes (list $ "mic"). */ -}}
{{- define "aad-pod-identity.componentLabels" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
{{- $own := fromYaml (include "aad-pod-identity.labels" $root) -}}
{{- $selector := fromYaml (include (printf "aad-pod-identity.%s.selector" $component) $root) -}}
{{- $tier := ternary (dict "tier" "node") (dict) (eq $component "nmi") -}}
{{- merge $selector $own $tier | toYaml -}}
{{- end -}}
