module capstan.dev/benchmarks/peer

go 1.24

require (
	k8s.io/apimachinery v0.36.0
	k8s.io/client-go v0.36.0
)
