{{- /* One ValidatingAdmissionPolicy and its binding. Takes (dict "root" $ "name" "rules" "conditions" "variables" "validations"). */ -}}
{{- define "aad-pod-identity.admission" -}}
{{- $root := .root -}}
{{- $name := printf "%s-%s" (include "aad-pod-identity.name" $root) .name -}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ $name }}
  labels:
    {{- include "aad-pod-identity.labels" $root | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      {{- toYaml .rules | nindent 6 }}
  {{- with .conditions }}
  matchConditions:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .variables }}
  variables:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  validations:
    {{- toYaml .validations | nindent 4 }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "aad-pod-identity.labels" $root | nindent 4 }}
spec:
  policyName: {{ $name }}
  validationActions: {{ toJson (default (list "Deny") $root.Values.policies.actions) }}
{{- end -}}

{{- /* Objects of one kind that are made or changed. */ -}}
{{- define "aad-pod-identity.writesOf" -}}
- apiGroups: [{{ index . 0 | quote }}]
  apiVersions: [v1]
  operations: [CREATE, UPDATE]
  resources: [{{ index . 1 }}]
{{- end -}}

{{- /* A field of the spec in either of its spellings; the CRD refuses two that differ. Takes (list name other ifMissing). */ -}}
{{- define "aad-pod-identity.eitherSpelling" -}}
{{- $name := index . 0 -}}{{- $other := index . 1 -}}
has(object.spec.{{ $name }}) ? object.spec.{{ $name }} : has(object.spec.{{ $other }}) ? object.spec.{{ $other }} : {{ index . 2 }}
{{- end -}}

{{- /* Programs read a field however it is spelled; what a policy does not see must not be there. Takes the two spellings. */ -}}
{{- define "aad-pod-identity.noThirdSpelling" -}}
{{- $name := index . 0 -}}
- expression: "object.spec.all(key, key.lowerAscii() != '{{ lower $name }}' || key in ['{{ $name }}', '{{ index . 1 }}'])"
  message: "spec.{{ $name }} is spelled in another way"
  reason: Forbidden
{{- end -}}

{{- /* MIC rewrites old spellings, whoever wrote them. */ -}}
{{- define "aad-pod-identity.isNotMic" -}}
- name: is-not-mic
  expression: "request.userInfo.username != 'system:serviceaccount:{{ .Release.Namespace }}:{{ include "aad-pod-identity.rbacName" (list . "mic" "service-account") }}'"
{{- end -}}
