{{- /* Pods that Helm runs before an upgrade or an uninstall. Their image is NMI's, which is on every node; the program is a file of the chart. */ -}}

{{- /* Takes (list $ name phases weight kind). */ -}}
{{- define "aad-pod-identity.hookMetadata" -}}
{{- $root := index . 0 -}}
name: {{ include "aad-pod-identity.name" $root }}-{{ index . 1 }}
{{- if not (hasPrefix "Cluster" (index . 4)) }}
namespace: {{ $root.Release.Namespace }}
{{- end }}
labels:
  {{- include "aad-pod-identity.labels" $root | nindent 2 }}
annotations:
  helm.sh/hook: {{ index . 2 }}
  helm.sh/hook-weight: {{ index . 3 | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{- /* Service account, what it may do, program and Job. Takes (dict "root" $ "name" "phases" "program" "settings" "clusterRules" "rules"). */ -}}
{{- define "aad-pod-identity.hook" -}}
{{- $root := .root -}}
{{- $full := printf "%s-%s" (include "aad-pod-identity.name" $root) .name -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "aad-pod-identity.hookMetadata" (list $root .name .phases -10 "") | nindent 2 }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "aad-pod-identity.hookMetadata" (list $root .name .phases -10 "") | nindent 2 }}
data:
  api.mjs: |
    {{- $root.Files.Get "files/hooks/api.mjs" | nindent 4 }}
  main.mjs: |
    {{- $root.Files.Get (printf "files/hooks/%s.mjs" .program) | nindent 4 }}
  settings.json: {{ .settings | toJson | quote }}
---
{{- range $kind, $rules := dict "ClusterRole" .clusterRules "Role" .rules }}
{{- if $rules }}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  {{- include "aad-pod-identity.hookMetadata" (list $root $.name $.phases -10 $kind) | nindent 2 }}
rules:
  {{- toYaml $rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  {{- include "aad-pod-identity.hookMetadata" (list $root $.name $.phases -9 $kind) | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ $full }}
subjects:
  - kind: ServiceAccount
    name: {{ $full }}
    namespace: {{ $root.Release.Namespace }}
---
{{- end }}
{{- end }}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "aad-pod-identity.hookMetadata" (list $root .name .phases 0 "") | nindent 2 }}
spec:
  backoffLimit: 3
  activeDeadlineSeconds: {{ add 60 .seconds }}
  template:
    metadata:
      labels:
        {{- include "aad-pod-identity.labels" $root | nindent 8 }}
        app.kubernetes.io/component: hook
    spec:
      restartPolicy: Never
      serviceAccountName: {{ $full }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: {{ .name }}
          image: {{ include "aad-pod-identity.image" (list $root $root.Values.nmi) }}
          imagePullPolicy: {{ $root.Values.image.imagePullPolicy }}
          command: [/usr/local/bin/node, /hook/main.mjs, /hook/settings.json]
          env:
            # by its address: the cluster's names may not be served where this runs
            - name: HOOK_API
              value: https://$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)
          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
          {{- with $root.Values.hooks.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          volumeMounts:
            - name: hook
              mountPath: /hook
              readOnly: true
      volumes:
        - name: hook
          configMap:
            name: {{ $full }}
      {{- with $root.Values.hooks.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.hooks.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
