// Large lists: the operator's memory stays bounded however they arrive, and no partial list becomes
// visible.
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/tests/cluster/live_cluster.hpp>
#include <capstan/tests/watch_survival/survival.hpp>

namespace capstan::survival {
namespace {

// A real server gets 100 MB, or as many objects as CAPSTAN_TEST_LARGE_LIST says; an embedded one
// gets fewer, because it shares this process's memory.
constexpr int kObjects = 4000;
constexpr int kObjectBytes = 26 * 1024;
constexpr int kSmallObjects = 4000;
constexpr int kSmallObjectBytes = 1700;

// Text that compresses about as well as manifests, and differs between objects.
std::string TextOf(int object, int bytes) {
  std::string text;
  text.reserve(static_cast<std::size_t>(bytes) + 32);
  auto random = MakeSeededRandom(static_cast<std::uint64_t>(object) + 1);
  while (text.size() < static_cast<std::size_t>(bytes)) {
    text += StrCat("item-", random->Below(100000), ": enabled, replicas ", random->Below(10), "; ");
  }
  text.resize(static_cast<std::size_t>(bytes));
  return text;
}

std::size_t KilobytesOf(const std::string& field) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.compare(0, field.size(), field) == 0)
      return std::strtoul(line.c_str() + field.size() + 1, nullptr, 10);
  }
  return 0;
}

// The growth of this process's peak memory since the mark was set.
class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak
    before_ = KilobytesOf("VmRSS");
  }
  std::size_t growth_megabytes() const { return (std::max(KilobytesOf("VmHWM"), before_) - before_) / 1024; }

 private:
  std::size_t before_;
};

class LargeListSurvival : public Survival {
 protected:
  // The kind with all its objects; on a real server created once for all cases, in one namespace.
  const kube::Kind& Boulder() {
    static std::optional<kube::Kind> made;
    if (server().separate() && made) return *made;
    kind_ = kube::Kind{kGroup, "v1", "Boulder", "boulders", true};
    Define(kind_);
    Fill();
    made = kind_;
    return server().separate() ? *made : kind_;
  }
  int objects() {
    const char* wanted = std::getenv("CAPSTAN_TEST_LARGE_LIST");
    if (wanted != nullptr) return std::atoi(wanted);
    return server().separate() ? kObjects : kSmallObjects;
  }
  int object_bytes() { return server().separate() ? kObjectBytes : kSmallObjectBytes; }
  static const std::string& Quarry() {
    static const std::string name = "quarry-" + MakeSystemRandom()->Suffix(6);
    return name;
  }

 private:
  void Fill() {
    const auto made = server().admin().Create(
        kube::NamespaceKind(), "", R"({"metadata":{"name":")" + Quarry() + "\"}}", Within(minutes(2)));
    ASSERT_TRUE(made) << made.error();
    std::atomic<int> next{0}, failed{0};
    std::vector<Task> makers;
    for (int i = 0; i < 8; ++i) {
      makers.push_back(server().scheduler().Spawn("maker", [&](const Context&) {
        for (int at = next++; at < objects(); at = next++) {
          const auto object = server().admin().Create(
              kind_, Quarry(),
              StrCat(R"({"apiVersion":")", kind_.api_version(), R"(","kind":"Boulder","metadata":{"name":"b)",
                     at, R"("},"spec":{"text":")", TextOf(at, object_bytes()), "\"}}"),
              Within(minutes(2)));
          if (!object) ++failed;
        }
      }));
    }
    for (Task& maker : makers) maker.Join();
    ASSERT_EQ(failed, 0);
  }
  kube::Kind kind_;
};

TEST_P(LargeListSurvival, ALargeListCostsTheCacheAndLittleMore) {
  UseNamespace(Quarry());
  const kube::Kind kind = Boulder();
  struct Way {
    const char* name;
    bool streaming;
    std::int64_t page_size;
  };
  for (const Way& way : {Way{"pages", false, 500}, Way{"one piece", false, 0}, Way{"streaming", true, 500}}) {
    SCOPED_TRACE(way.name);
    Operator setup;
    setup.watcher.streaming_list = way.streaming;
    setup.watcher.page_size = way.page_size;
    setup.request_timeout = minutes(10);
    const PeakMemory memory;
    Watch(kind, setup, false);
    ASSERT_TRUE(BecomesEqual(minutes(10)));
    EXPECT_EQ(informer().store().size(), static_cast<std::size_t>(objects()));
    const double cache = std::strtod(Metric("capstan_cache_bytes").c_str(), nullptr) / (1 << 20);
    std::printf("[ memory   ] %s: %zu MB at the highest point, %.0f MB of them the cache\n", way.name,
                memory.growth_megabytes(), cache);
    if (server().separate()) {
      EXPECT_LT(static_cast<double>(memory.growth_megabytes()), cache * 1.3 + 30);
    }
    EXPECT_TRUE(
        Until([&] { return reconciled_objects() == static_cast<std::size_t>(objects()); }, minutes(10)));
    StopWatching();
  }
}

TEST_P(LargeListSurvival, NothingIsReconciledFromHalfALargeList) {
  UseNamespace(Quarry());
  const kube::Kind kind = Boulder();
  const auto all = static_cast<std::uint64_t>(objects()) * static_cast<std::uint64_t>(object_bytes());
  for (const bool streaming : {false, true}) {
    SCOPED_TRACE(streaming ? "streaming" : "pages");
    Operator setup;
    setup.watcher.streaming_list = streaming;
    setup.request_timeout = minutes(10);
    CutFirstConnectionAfter(all / 2);
    Watch(kind, setup, false);
    ASSERT_TRUE(Until([&] { return proxy().cut_in_the_middle() == 1 && !Warnings().empty(); }, minutes(10)));
    EXPECT_EQ(reconciles(), 0) << "reconciled from half a list";
    EXPECT_FALSE(informer().synced());
    EXPECT_GT(informer().store().size(), 0u) << "the cut came before anything did";
    proxy().Refuse(false);
    ASSERT_TRUE(BecomesEqual(minutes(10)));
    EXPECT_TRUE(Until([&] { return reconciles() == objects(); }, minutes(10))) << reconciles();
    EXPECT_EQ(reconciled_objects(), static_cast<std::size_t>(objects())) << "each once";
    ExpectOneWarning("cannot watch");
    StopWatching();
  }
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Kubernetes, LargeListSurvival, ::testing::ValuesIn(cluster::ServerNames()),
                         [](const auto& info) { return info.param; });

}  // namespace capstan::survival
