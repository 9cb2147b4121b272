// hot_paths CASE COUNT: repeats one operation that many times on fixed input, with one thread and
// no sockets. The difference between two counts, measured by valgrind, is its cost in instructions,
// independent of the load on the machine; scripts/check-instructions.py compares it with table.tsv.
//
//   split   cut one item out of a list's body that comes in pieces of 16 KiB (json::ItemSplitter)
//   scan    read one object's metadata and cut managedFields out (json::ObjectScanner)
//   put     a change of one object in a cache of 2,000 (runtime::Store)
//   event   one line of a watch, from the bytes of its stream into the cache
//   status  one condition set, and its patch: the request made, the answer read (kube::Client)
//   list    one unchanged cluster of the account's list, from the body of the response through the
//           plugin into the list that the core shares; COUNT is a multiple of 200
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/benchmarks/instructions/account_list.hpp>
#include <capstan/benchmarks/instructions/item.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/json/item_splitter.hpp>
#include <capstan/core/json/object_scanner.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/runtime/store/store.hpp>

namespace {

using namespace capstan;

constexpr int kObjects = 2000;

[[noreturn]] void Stop(const Error& error) {
  std::fprintf(stderr, "hot_paths: %s\n", error.message.c_str());
  std::exit(1);
}
template <class R>
auto Must(R result) {
  if (!result) Stop(result.error());
  return std::move(*result);
}
void MustBeDone(const Status& status) {
  if (!status) Stop(status.error());
}

const std::vector<std::string>& Items() {
  static const std::vector<std::string> items = [] {
    std::vector<std::string> all;
    for (int i = 0; i < kObjects; ++i) all.push_back(benchmarks::Item(i));
    return all;
  }();
  return items;
}
const std::string& ItemAt(int i) { return Items()[static_cast<std::size_t>(i) % kObjects]; }

struct StandingClock final : Clock {
  Instant Now() const override { return Instant(std::chrono::hours(1)); }
  WallTime WallNow() const override { return WallTime(std::chrono::hours(24 * 365 * 56)); }
};

// Returns its bytes in pieces of a fixed size.
class Pieces final : public http::ByteStream {
 public:
  Pieces(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
  Result<std::string_view> Read(const Context&) override {
    const auto piece = std::string_view(bytes_).substr(at_, piece_);
    at_ += piece.size();
    return piece;
  }

 private:
  const std::string bytes_;
  const std::size_t piece_;
  std::size_t at_ = 0;
};

// Gives every request the same response.
class SameAnswer final : public http::Transport {
 public:
  explicit SameAnswer(std::string body) : body_(std::move(body)) {}
  Result<http::Response> Send(const http::Request&, const Context&) override {
    return http::Response{200, Headers(), body_};
  }
  Result<http::StreamResponse> Open(const http::Request&, const Context&) override {
    return http::StreamResponse{200, Headers(), std::make_unique<Pieces>(body_, 3000)};
  }

 private:
  static http::Headers Headers() {
    return {{"Content-Type", "application/json"}, {"Date", "Sun, 22 Nov 2026 07:00:00 GMT"}};
  }
  const std::string body_;
};

void Split(int count) {
  std::string body = R"({"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[)";
  for (int i = 0; i < count; ++i) body += (i ? "," : "") + ItemAt(i);
  body += "]}";
  std::size_t bytes = 0;
  json::ItemSplitter splitter([&](std::string_view item) -> Status {
    bytes += item.size();
    return {};
  });
  for (std::size_t at = 0; at < body.size(); at += 16384)
    MustBeDone(splitter.Feed(std::string_view(body).substr(at, 16384)));
  (void)Must(splitter.Finish());
}

void Scan(int count) {
  json::ObjectScanner scanner;
  for (int i = 0; i < count; ++i) (void)Must(scanner.Scan(ItemAt(i)));
}

std::unique_ptr<runtime::Store> FilledStore() {
  auto store = std::make_unique<runtime::Store>();
  for (const std::string& item : Items()) (void)Must(store->Put(item));
  return store;
}

void Put(int count) {
  const auto store = FilledStore();
  for (int i = 0; i < count; ++i) (void)Must(store->Put(ItemAt(i)));
}

const kube::Kind kCluster{"anutosh491.dev", "v1alpha1", "DigitalOceanCluster", "digitaloceanclusters", true};

void Event(int count) {
  const auto store = FilledStore();
  std::string lines;
  for (int i = 0; i < count; ++i) lines += R"({"type":"MODIFIED","object":)" + ItemAt(i) + "}\n";
  SameAnswer server(std::move(lines));
  const StandingClock clock;
  kube::Client client(server, clock, {"https://server.test", "bench", std::chrono::seconds(30)});
  const auto watch = Must(client.OpenWatch(kCluster, "", {}, Context{}));
  while (const auto event = Must(watch->Next(Context{}))) (void)Must(store->Put(event->object));
}

void WriteStatus(int count) {
  SameAnswer server(ItemAt(0));
  const StandingClock clock;
  kube::Client client(server, clock, {"https://server.test", "bench", std::chrono::seconds(30)});
  const auto object = Must(kube::Object::Parse(ItemAt(0)));
  for (int i = 0; i < count; ++i) {
    kube::Condition ready;
    ready.type = "Ready";
    ready.status = i % 2 == 0 ? "False" : "True";
    ready.reason = "Running";
    ready.message = "cluster is running";
    const auto conditions = Must(
        kube::SetCondition(object.ValueAt("/status/conditions").value_or(""), ready, client.ServerTime()));
    (void)Must(client.Patch(kCluster, object.key(), kube::PatchType::kMerge,
                            R"({"metadata":{"resourceVersion":)" + json::Quote(object.resource_version()) +
                                R"(},"status":{"conditions":)" + conditions + "}}",
                            {"status"}, Context{}));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 3 ? argv[1] : "";
  const int count = argc == 3 ? std::atoi(argv[2]) : 0;
  if (what == "list") return benchmarks::ReadAccountList(count), 0;
  (void)Items();  // the same work for every count
  if (what == "split") return Split(count), 0;
  if (what == "scan") return Scan(count), 0;
  if (what == "put") return Put(count), 0;
  if (what == "event") return Event(count), 0;
  if (what == "status") return WriteStatus(count), 0;
  std::fprintf(stderr, "usage: hot_paths split|scan|put|event|status|list COUNT\n");
  return 2;
}
