// The parts of the way from a server's bytes to a reconcile, each alone. Run with
// --benchmark_filter=... as usual.
#include <benchmark/benchmark.h>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/json/item_splitter.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/runtime/queue/workqueue.hpp>
#include <capstan/core/runtime/store/store.hpp>

namespace {

using namespace capstan;

// A custom resource as a server sends it: 1.8 KB, a third of it managedFields.
std::string Item(int i) {
  const std::string name = StrCat("cluster-", 100000 + i);
  return StrCat(
      R"({"apiVersion":"anutosh491.dev/v1alpha1","kind":"DigitalOceanCluster","metadata":{"creationTimestamp":"2026-11-22T07:00:00Z","generation":1,"labels":{"app.kubernetes.io/name":")",
      name, R"(","env":"prod","team":"team-)", i % 50,
      R"("},"managedFields":[{"apiVersion":"anutosh491.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:app.kubernetes.io/name":{},"f:env":{},"f:team":{}}},"f:spec":{".":{},"f:name":{},"f:nodePools":{},"f:region":{},"f:tags":{},"f:tokenSecret":{},"f:version":{}}},"manager":"bench","operation":"Update","time":"2026-11-22T07:00:00Z"},{"apiVersion":"anutosh491.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:status":{".":{},"f:clusterID":{},"f:conditions":{},"f:endpoint":{},"f:observedGeneration":{},"f:progress":{}}},"manager":"bench","operation":"Update","subresource":"status","time":"2026-11-22T07:00:00Z"}],"name":")",
      name, R"(","namespace":"default","resourceVersion":")", 1000 + i,
      R"(","uid":"6f1f2f3f-0000-4000-8000-)", 100000000000 + i, R"("},"spec":{"name":")", name,
      R"(","nodePools":[{"count":3,"labels":{"tier":"web"},"name":"pool-a","size":"s-2vcpu-2gb"},{"autoScale":true,"count":2,"maxNodes":10,"minNodes":1,"name":"pool-b","size":"s-4vcpu-8gb"},{"count":1,"name":"pool-c","size":"c-8","taints":[{"effect":"NoSchedule","key":"gpu","value":"true"}]}],"region":"nyc1","tags":["production","web-team"],"tokenSecret":"default/dosecret","version":"1.34.1-do.0"},"status":{"clusterID":"bd5f5959-5e1e-4205-a714-)",
      100000000000 + i,
      R"(","conditions":[{"lastTransitionTime":"2026-11-22T07:00:00Z","message":"cluster is running","observedGeneration":1,"reason":"Running","status":"True","type":"Ready"},{"lastTransitionTime":"2026-11-22T07:00:00Z","message":"","observedGeneration":1,"reason":"ReconcileSuccess","status":"True","type":"Synced"}],"endpoint":"https://bd5f5959-5e1e-4205-a714-)",
      100000000000 + i, R"(.k8s.ondigitalocean.com","observedGeneration":1,"progress":"running"}})");
}

const std::vector<std::string>& Items() {
  static const std::vector<std::string> items = [] {
    std::vector<std::string> all;
    for (int i = 0; i < 2000; ++i) all.push_back(Item(i));
    return all;
  }();
  return items;
}

void SplitItems(benchmark::State& state) {
  const std::string body =
      StrCat(R"({"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[)",
             Join(Items(), ","), "]}");
  for (auto _ : state) {
    std::size_t items = 0;
    json::ItemSplitter splitter([&](std::string_view) -> Status {
      ++items;
      return {};
    });
    for (std::size_t at = 0; at < body.size(); at += 16384)
      (void)splitter.Feed(std::string_view(body).substr(at, 16384));
    benchmark::DoNotOptimize(splitter.Finish());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK(SplitItems);

void ScanMetadata(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(json::ScanMetadata(Items()[i++ % Items().size()]));
}
BENCHMARK(ScanMetadata);

void CutManagedFields(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(json::WithoutManagedFields(Items()[i++ % Items().size()]));
}
BENCHMARK(CutManagedFields);

// A first list of so many objects; the cost per object must not grow.
void StoreFirstList(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  std::vector<std::string> items;
  for (int i = 0; i < count; ++i) items.push_back(Item(i));
  for (auto _ : state) {
    runtime::Store store;
    store.BeginReplace(false);
    for (const std::string& item : items) (void)store.Stage(item);
    store.EndReplace(1, [](const runtime::Change&) {});
    state.counters["bytes_per_object"] =
        static_cast<double>(store.stats().object_bytes) / static_cast<double>(store.stats().objects);
  }
  state.counters["per_object"] =
      benchmark::Counter(static_cast<double>(count),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(StoreFirstList)->Arg(1000)->Arg(10000)->Arg(100000)->Unit(benchmark::kMillisecond);

class Filled : public benchmark::Fixture {
 public:
  void SetUp(benchmark::State&) override {
    store = std::make_unique<runtime::Store>(std::map<std::string, runtime::IndexFunction>{
        {"team", [](const kube::Object& object) {
           const auto team = object.Label("team");
           return team ? std::vector<std::string>{std::string(*team)} : std::vector<std::string>{};
         }}});
    for (const std::string& item : Items()) (void)store->Put(item);
  }
  void TearDown(benchmark::State&) override { store.reset(); }
  std::unique_ptr<runtime::Store> store;
};

BENCHMARK_F(Filled, StoreUpdate)(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(store->Put(Items()[i++ % Items().size()]));
}
BENCHMARK_F(Filled, StoreFind)(benchmark::State& state) {
  const kube::ObjectKey key{"default", "cluster-100777"};
  for (auto _ : state) benchmark::DoNotOptimize(store->Find(key));
}
BENCHMARK_F(Filled, StoreGet)(benchmark::State& state) {
  const kube::ObjectKey key{"default", "cluster-100777"};
  for (auto _ : state) benchmark::DoNotOptimize(store->Get(key));
}
BENCHMARK_F(Filled, StoreFindByIndex)(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(store->FindByIndex("team", "team-7"));
}

void MergePatch(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(json::MergePatch(Items()[0], R"({"status":{"progress":"x"}})"));
}
BENCHMARK(MergePatch);

void TreeOfPoco(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(json::ParseTree(Items()[0]));
}
BENCHMARK(TreeOfPoco);

void QueueAddTakeDone(benchmark::State& state) {
  ThreadScheduler scheduler;
  const auto random = MakeSeededRandom(1);
  runtime::Workqueue queue(scheduler, *random);
  const kube::ObjectKey key{"default", "cluster-100777"};
  for (auto _ : state) {
    queue.Add(key, runtime::Priority::kUser);
    queue.Done(queue.Take(Context{})->key);
  }
}
BENCHMARK(QueueAddTakeDone);

}  // namespace

BENCHMARK_MAIN();
