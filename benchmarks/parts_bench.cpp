// The stages between a server's bytes and a reconcile, each measured alone. Use
// --benchmark_filter=... as usual.
#include <benchmark/benchmark.h>

#include <capstan/benchmarks/instructions/item.hpp>
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
using benchmarks::Item;

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

// A first list of that many objects; the cost per object must not grow.
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
BENCHMARK(StoreFirstList)->Arg(1000)->Arg(10000)->Arg(100000)->Arg(500000)->Unit(benchmark::kMillisecond);

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
