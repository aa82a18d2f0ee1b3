{{- /* Keys of MIC's Secret: the environment variable that each is for, and where its value is. The last two may be left out. */ -}}
{{- define "aad-pod-identity.mic.secretKeys" -}}
Cloud: [CLOUD, cloud]
SubscriptionID: [SUBSCRIPTION_ID, subscriptionID]
ResourceGroup: [RESOURCE_GROUP, resourceGroup]
VMType: [VM_TYPE, vmType]
TenantID: [TENANT_ID, tenantID]
ClientID: [CLIENT_ID, clientID]
ClientSecret: [CLIENT_SECRET, clientSecret]
UseMSI: [USE_MSI, useMSI]
UserAssignedMSIClientID: [USER_ASSIGNED_MSI_CLIENT_ID, userAssignedMSIClientID]
{{- end -}}

{{- define "aad-pod-identity.mic.secretEnv" -}}
{{- range $key, $row := fromYaml (include "aad-pod-identity.mic.secretKeys" $) }}
{{- if get $.Values.adminsecret (index $row 1) }}
- name: {{ index $row 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ include "aad-pod-identity.micSecretName" $ }}
      key: {{ $key }}
{{- end }}
{{- end }}
{{- end -}}
