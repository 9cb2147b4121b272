// Peer benchmark: what Kubernetes' own Go library (client-go) needs for the work our core does.
//
//	-mode populate   create -n custom resources and give each a status (32 at a time)
//	-mode sync       cold start of a dynamic informer until it has synced; then again after 2 s of rest
//	-mode reconcile  informer → workqueue → -workers → one status merge patch each, until -n objects are patched with -value; updates that leave metadata.generation as it was reconcile nothing, unless -every-event
//	-mode events     sync, then -n updates made by a second process (-mode touch); CPU of this one alone, per event
//	-mode clear      delete them all
//
// Each line printed: what, objects, wall seconds, CPU seconds of this process, peak and current resident memory.
// Built with Debian's golang-k8s-client-go-dev (0.36), GO111MODULE=off, GOPATH at Debian's gocode, CGO_ENABLED=0.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
)

var gvr = schema.GroupVersionResource{Group: "anutosh491.dev", Version: "v1alpha1", Resource: "digitaloceanclusters"}

func cpu() (float64, int64) {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return float64(r.Utime.Sec) + float64(r.Utime.Usec)/1e6 + float64(r.Stime.Sec) + float64(r.Stime.Usec)/1e6, r.Maxrss
}
func rss() string {
	b, _ := os.ReadFile("/proc/self/status")
	for _, l := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(l, "VmRSS") {
			return strings.TrimSpace(l[6:])
		}
	}
	return ""
}
func report(what string, n int, t0 time.Time) {
	c, m := cpu()
	fmt.Printf("%s n=%d wall=%.2fs cpu=%.2fs maxrss=%dMiB rss=%s\n", what, n, time.Since(t0).Seconds(), c, m/1024, rss())
}
func main() {
	kc := flag.String("kubeconfig", os.Getenv("KUBECONFIG"), "")
	mode := flag.String("mode", "sync", "populate|sync|reconcile|events|touch|clear")
	n := flag.Int("n", 1000, "")
	workers := flag.Int("workers", 4, "")
	value := flag.String("value", "a", "what -mode reconcile writes to status.progress; use a new one each time")
	everyEvent := flag.Bool("every-event", false, "with -mode reconcile: reconcile an object again after its own status patch")
	strip := flag.Bool("strip", false, "drop managedFields by transform")
	flag.Parse()
	cfg, err := clientcmd.BuildConfigFromFlags("", *kc)
	if err != nil {
		panic(err)
	}
	cfg.QPS, cfg.Burst = 100000, 100000
	dc := dynamic.NewForConfigOrDie(cfg)
	ctx := context.Background()
	t0 := time.Now()
	switch *mode {
	case "populate":
		var wg sync.WaitGroup
		ch := make(chan int)
		for w := 0; w < 32; w++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := range ch {
					name := fmt.Sprintf("cluster-%06d", i)
					o := &unstructured.Unstructured{Object: map[string]interface{}{
						"apiVersion": "anutosh491.dev/v1alpha1", "kind": "DigitalOceanCluster",
						"metadata": map[string]interface{}{"name": name, "namespace": "default", "labels": map[string]interface{}{"team": fmt.Sprintf("team-%d", i%50), "env": "prod", "app.kubernetes.io/name": name}},
						"spec": map[string]interface{}{"name": name, "region": "nyc1", "version": "1.34.1-do.0", "tokenSecret": "default/dosecret", "tags": []interface{}{"production", "web-team"},
							"nodePools": []interface{}{
								map[string]interface{}{"name": "pool-a", "size": "s-2vcpu-2gb", "count": int64(3), "labels": map[string]interface{}{"tier": "web"}},
								map[string]interface{}{"name": "pool-b", "size": "s-4vcpu-8gb", "count": int64(2), "autoScale": true, "minNodes": int64(1), "maxNodes": int64(10)},
								map[string]interface{}{"name": "pool-c", "size": "c-8", "count": int64(1), "taints": []interface{}{map[string]interface{}{"key": "gpu", "value": "true", "effect": "NoSchedule"}}}}}}}
					if _, err := dc.Resource(gvr).Namespace("default").Create(ctx, o, metav1.CreateOptions{}); err != nil && !strings.Contains(err.Error(), "already exists") {
						panic(err)
					}
					p := []byte(fmt.Sprintf(`{"status":{"clusterID":"bd5f5959-5e1e-4205-a714-%012d","progress":"running","observedGeneration":1,"endpoint":"https://bd5f5959-5e1e-4205-a714-%012d.k8s.ondigitalocean.com","conditions":[{"type":"Ready","status":"True","reason":"Running","message":"cluster is running","lastTransitionTime":"2026-11-22T07:00:00Z","observedGeneration":1},{"type":"Synced","status":"True","reason":"ReconcileSuccess","message":"synced","lastTransitionTime":"2026-11-22T07:00:00Z","observedGeneration":1}]}}`, i, i))
					if _, err := dc.Resource(gvr).Namespace("default").Patch(ctx, name, types.MergePatchType, p, metav1.PatchOptions{}, "status"); err != nil {
						panic(err)
					}
				}
			}()
		}
		for i := 0; i < *n; i++ {
			ch <- i
		}
		close(ch)
		wg.Wait()
		report("populate", *n, t0)
	case "events":
		f := dynamicinformer.NewDynamicSharedInformerFactory(dc, 0)
		inf := f.ForResource(gvr).Informer()
		if *strip {
			inf.SetTransform(stripMF)
		}
		var seen int64
		inf.AddEventHandler(cache.ResourceEventHandlerFuncs{UpdateFunc: func(_, _ interface{}) { atomic.AddInt64(&seen, 1) }})
		stop := make(chan struct{})
		f.Start(stop)
		cache.WaitForCacheSync(stop, inf.HasSynced)
		runtime.GC()
		time.Sleep(500 * time.Millisecond)
		before, _ := cpu()
		touch := exec.Command("/proc/self/exe", "-mode", "touch", "-kubeconfig", *kc, "-n", fmt.Sprint(*n), "-value", *value)
		touch.Stderr = os.Stderr
		if err := touch.Run(); err != nil {
			panic(err)
		}
		for i := 0; i < 100 && atomic.LoadInt64(&seen) < int64(*n); i++ {
			time.Sleep(50 * time.Millisecond)
		}
		after, _ := cpu()
		got := atomic.LoadInt64(&seen)
		fmt.Printf("events %d cpu per event %.1f us\n", got, (after-before)*1e6/float64(max(got, 1)))
		c, m := cpu()
		fmt.Printf("events n=%d wall=%.2fs cpu=%.2fs maxrss=%dMiB rss=%s\n", got, time.Since(t0).Seconds(), c-before, m/1024, rss())
	case "touch":
		list, err := dc.Resource(gvr).Namespace("default").List(ctx, metav1.ListOptions{ResourceVersion: "0"})
		if err != nil {
			panic(err)
		}
		var names []string
		for _, item := range list.Items {
			names = append(names, item.GetName())
		}
		var wg sync.WaitGroup
		var next int64 = -1
		for w := 0; w < 16; w++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := atomic.AddInt64(&next, 1); i < int64(*n); i = atomic.AddInt64(&next, 1) {
					p := []byte(fmt.Sprintf(`{"status":{"progress":"%s%d"}}`, *value, i))
					if _, err := dc.Resource(gvr).Namespace("default").Patch(ctx, names[int(i)%len(names)], types.MergePatchType, p, metav1.PatchOptions{}, "status"); err != nil {
						panic(err)
					}
				}
			}()
		}
		wg.Wait()
	case "clear":
		dc.Resource(gvr).Namespace("default").DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	case "sync":
		f := dynamicinformer.NewDynamicSharedInformerFactory(dc, 0)
		inf := f.ForResource(gvr).Informer()
		if *strip {
			inf.SetTransform(stripMF)
		}
		stop := make(chan struct{})
		f.Start(stop)
		cache.WaitForCacheSync(stop, inf.HasSynced)
		report("sync", len(inf.GetStore().ListKeys()), t0)
		runtime.GC()
		time.Sleep(2 * time.Second)
		report("settled", len(inf.GetStore().ListKeys()), t0)
	case "reconcile":
		f := dynamicinformer.NewDynamicSharedInformerFactory(dc, 0)
		inf := f.ForResource(gvr).Informer()
		if *strip {
			inf.SetTransform(stripMF)
		}
		q := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
		var seen sync.Map
		inf.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(o interface{}) { k, _ := cache.MetaNamespaceKeyFunc(o); q.Add(k) }, UpdateFunc: func(before, o interface{}) {
			if !*everyEvent && before.(*unstructured.Unstructured).GetGeneration() == o.(*unstructured.Unstructured).GetGeneration() {
				return
			}
			k, _ := cache.MetaNamespaceKeyFunc(o)
			q.Add(k)
		}})
		stop := make(chan struct{})
		f.Start(stop)
		cache.WaitForCacheSync(stop, inf.HasSynced)
		t1 := time.Now()
		var done int64
		fin := make(chan struct{})
		for w := 0; w < *workers; w++ {
			go func() {
				for {
					k, sd := q.Get()
					if sd {
						return
					}
					ob, ok, _ := inf.GetStore().GetByKey(k)
					if ok {
						u := ob.(*unstructured.Unstructured)
						g, _, _ := unstructured.NestedString(u.Object, "status", "progress")
						if g != *value {
							p := []byte(`{"status":{"progress":"` + *value + `"}}`)
							if _, err := dc.Resource(gvr).Namespace(u.GetNamespace()).Patch(ctx, u.GetName(), types.MergePatchType, p, metav1.PatchOptions{}, "status"); err != nil {
								q.AddRateLimited(k)
							} else if _, dup := seen.LoadOrStore(k, 1); !dup {
								if atomic.AddInt64(&done, 1) == int64(*n) {
									close(fin)
								}
							}
						}
					}
					q.Forget(k)
					q.Done(k)
				}
			}()
		}
		<-fin
		fmt.Printf("reconciled %d in %.2fs = %.0f/s\n", *n, time.Since(t1).Seconds(), float64(*n)/time.Since(t1).Seconds())
		report("reconcile", *n, t0)
	}
}

func max(a, b int64) int64 {
	if a > b {
		return a
	}
	return b
}

func stripMF(o interface{}) (interface{}, error) {
	if u, ok := o.(*unstructured.Unstructured); ok {
		u.SetManagedFields(nil)
	}
	return o, nil
}
