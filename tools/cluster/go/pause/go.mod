module aad-pod-identity/cluster/pause

go 1.24
