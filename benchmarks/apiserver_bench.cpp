// apiserver_bench: the cost of the embedded API server, as rows of a Markdown table: in wall time,
// and in CPU time, which other processes on the machine disturb less. The rows about watches and
// memory use a separate server process, so that its memory can be measured.
//
//   apiserver_bench [--objects=20000] [--watchers=200] [--rate=100] [--seconds=20]
#include <gflags/gflags.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/net/http_server.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/core/program/process_memory.hpp>
#include <capstan/local/apiserver/server.hpp>

DEFINE_int32(objects, 20000, "ConfigMaps of 0.9 kB");
DEFINE_int32(watchers, 200, "watches of all of them");
DEFINE_int32(rate, 100, "changes a second that each of them sees");
DEFINE_int32(seconds, 20, "for how long");

namespace {

using namespace capstan;  // NOLINT: a program of one file
using Clock = std::chrono::steady_clock;

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
constexpr const char* kTable = "application/json;as=Table;g=meta.k8s.io;v=v1";

double Since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
// The CPU time of this process in seconds: the cost of work on a shared machine.
double ProcessorSeconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}
std::int64_t Nanoseconds() { return Clock::now().time_since_epoch().count(); }

void Row(const std::string& what, const std::string& measured, const std::string& processors,
         const std::string& goal) {
  std::printf("| %s | %s | %s | %s |\n", what.c_str(), measured.c_str(), processors.c_str(), goal.c_str());
  std::fflush(stdout);
}

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "apiserver_bench: %s\n", why.c_str());
  _exit(1);
}

std::string Text(double number, const char* format, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof text, format, number);
  return StrCat(text, " ", unit);
}

// Collects the body of one response; does not support streams.
class BodyWriter final : public http::ResponseWriter {
 public:
  Status Respond(const http::Response& response) override {
    status = response.status;
    size = response.body.size();
    return {};
  }
  Status Begin(int, const http::Headers&) override { return Fail(Code::kInternal, "no streams here"); }
  Status Write(std::string_view) override { return Fail(Code::kInternal, "no streams here"); }
  void Abort() override {}
  bool ClientGone() override { return false; }
  int status = 0;
  std::size_t size = 0;
};

struct Local {
  ThreadScheduler scheduler;
  std::unique_ptr<Random> random = MakeSystemRandom();
  SilentLog log;
  std::unique_ptr<apiserver::Storage> storage = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> api;

  explicit Local(std::shared_ptr<const apiserver::BuiltinSchemas> schemas) {
    apiserver::ApiServerOptions options;
    options.schemas = std::move(schemas);
    auto started = apiserver::ApiServer::Start(scheduler, *random, log, *storage, std::move(options));
    if (!started) Stop(started.error().message);
    api = std::move(*started);
  }
  BodyWriter Ask(const std::string& method, const std::string& path, std::string body,
                 http::Headers headers) {
    http::Request request;
    request.method = method;
    request.url = "http://api" + path;
    request.body = std::move(body);
    request.headers = std::move(headers);
    BodyWriter writer;
    api->Handle(request, writer, Context());
    if (writer.status >= 300) Stop(StrCat(method, " ", path, ": ", writer.status));
    return writer;
  }
};

std::string MapOf(const std::string& name, std::size_t bytes) {
  return StrCat(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")", name,
                R"("},"data":{"text":")", std::string(bytes, 'x'), R"("}})");
}

void MeasureInProcess() {
  const auto schemas = apiserver::MakeBuiltinSchemas();
  constexpr int kStarts = 20;
  const auto start = Clock::now();
  double used = ProcessorSeconds();
  for (int i = 0; i < kStarts; ++i) Local server(schemas);
  Row("start in process", Text(Since(start) / kStarts * 1e3, "%.1f", "ms"),
      Text((ProcessorSeconds() - used) / kStarts * 1e3, "%.1f", "ms"), "below 30 ms");

  Local server(schemas);
  const http::Headers json{{"Content-Type", "application/json"}};
  constexpr int kWrites = 5000, kThreads = 2;
  const auto writing = Clock::now();
  used = ProcessorSeconds();
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < kWrites; ++i) server.Ask("POST", kMaps, MapOf(StrCat("w", t, "-", i), 64), json);
    });
  }
  for (std::thread& writer : writers) writer.join();
  Row("small writes in memory, two threads", Text(kThreads * kWrites / Since(writing), "%.0f", "a second"),
      Text((ProcessorSeconds() - used) / (kThreads * kWrites) * 1e6, "%.0f", "µs each"), "5,000 a second");

  Local full(schemas);
  const int rows = FLAGS_objects;
  for (int i = 0; i < rows; ++i) full.Ask("POST", kMaps, MapOf(StrCat("o", i), 600), json);
  const auto list = [&](const std::string& what, const char* accept, const char* goal) {
    double best = 1e9, cheapest = 1e9;
    for (int i = 0; i < 3; ++i) {
      const auto reading = Clock::now();
      const double before = ProcessorSeconds();
      full.Ask("GET", kMaps, "", {{"Accept", accept}});
      best = std::min(best, Since(reading));
      cheapest = std::min(cheapest, ProcessorSeconds() - before);
    }
    Row(StrCat(what, " of ", rows, " objects, each"), Text(best / rows * 1e6, "%.1f", "µs"),
        Text(cheapest / rows * 1e6, "%.1f", "µs"), goal);
  };
  list("Table", kTable, "69 µs");
  list("list", "application/json", "");
}

// Serves the rows below, until its parent closes the pipe that it reports its address to.
[[noreturn]] void Serve(int address_pipe) {
  program::LimitAllocator();  // like capstan apiserver
  net::InitializeNetwork();
  Local server(apiserver::MakeBuiltinSchemas());
  const Task memory = program::ReturnFreeMemory(server.scheduler);
  auto listener = net::StartHttpServer(*server.api, net::HttpServerOptions());
  if (!listener) Stop(listener.error().message);
  const std::string url = (*listener)->url() + "\n";
  if (write(address_pipe, url.data(), url.size()) < 0) Stop("cannot tell the address");
  for (;;) pause();
}

double MegabytesOf(pid_t pid) {
  std::ifstream status(StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

// The CPU time of another process so far, with the resolution of the kernel's clock (10 ms).
double ProcessorSecondsOf(pid_t pid) {
  std::ifstream stat(StrCat("/proc/", pid, "/stat"));
  std::string field;
  for (int i = 0; i < 13; ++i) stat >> field;
  double user = 0, system = 0;
  stat >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Latencies {
  Mutex mutex;
  std::vector<double> seconds CAPSTAN_GUARDED_BY(mutex);
};

// Reads one watch and records the age of each change on arrival.
void Follow(http::Transport& transport, const std::string& url, std::size_t wanted, std::atomic<int>& ready,
            Latencies& latencies) {
  http::Request request;
  request.method = "GET";
  request.url = StrCat(url, kMaps, "?watch=1&fieldSelector=metadata.name%3Dhot");
  auto opened = transport.Open(request, Context());
  if (!opened) Stop(opened.error().message);
  ++ready;
  std::vector<double> mine;
  std::string rest;
  constexpr std::string_view kSent = "\"sent\":\"";
  while (mine.size() < wanted) {
    auto bytes = opened->body->Read(Context());
    if (!bytes || bytes->empty()) break;
    rest += *bytes;
    for (std::size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) {
      const std::size_t at = rest.find(kSent);
      if (at < end)
        mine.push_back(static_cast<double>(Nanoseconds() - std::stoll(rest.substr(at + kSent.size()))) / 1e9);
    }
  }
  MutexLock lock(latencies.mutex);
  latencies.seconds.insert(latencies.seconds.end(), mine.begin(), mine.end());
}

void MeasureWatches(pid_t server, const std::string& url) {
  auto made = net::MakeTlsTransport({});
  if (!made) Stop(made.error().message);
  http::Transport& transport = **made;
  const auto ask = [&](const char* method, const std::string& path, std::string body, const char* type) {
    http::Request request;
    request.method = method;
    request.url = url + path;
    request.body = std::move(body);
    request.headers.Set("Content-Type", type);
    auto answer = transport.Send(request, Context());
    if (!answer) Stop(answer.error().message);
  };
  const double empty = MegabytesOf(server);
  for (int i = 0; i < FLAGS_objects; ++i) ask("POST", kMaps, MapOf(StrCat("o", i), 600), "application/json");
  ask("POST", kMaps, MapOf("hot", 10), "application/json");
  Latencies latencies;
  std::atomic<int> ready{0};
  const int changes = FLAGS_rate * FLAGS_seconds;
  std::vector<std::thread> watchers;
  for (int i = 0; i < FLAGS_watchers; ++i) {
    watchers.emplace_back(
        [&] { Follow(transport, url, static_cast<std::size_t>(changes), ready, latencies); });
  }
  while (ready < FLAGS_watchers) std::this_thread::yield();
  auto next = Clock::now();
  const double used = ProcessorSecondsOf(server);
  for (int i = 0; i < changes; ++i) {
    next += std::chrono::nanoseconds(1'000'000'000 / FLAGS_rate);
    std::this_thread::sleep_until(next);
    ask("PATCH", StrCat(kMaps, "/hot"), StrCat(R"({"data":{"sent":")", Nanoseconds(), R"("}})"),
        "application/merge-patch+json");
  }
  for (std::thread& watcher : watchers) watcher.join();
  std::vector<double> seconds;
  {
    MutexLock lock(latencies.mutex);
    seconds.swap(latencies.seconds);
  }
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&](double part) {
    return seconds[static_cast<std::size_t>(part * static_cast<double>(seconds.size() - 1))] * 1e3;
  };
  if (seconds.empty()) Stop("no watcher saw a change");
  Row(StrCat(FLAGS_watchers, " watchers × ", FLAGS_rate, " changes a second, p99 (p50)"),
      StrCat(Text(at(0.99), "%.1f", "ms"), " (", Text(at(0.5), "%.1f", "ms"), ")"),
      Text((ProcessorSecondsOf(server) - used) / static_cast<double>(seconds.size()) * 1e6, "%.1f",
           "µs an event"),
      "below 100 ms");
  Row("memory with them", Text(MegabytesOf(server), "%.0f", "MB"), "", "below 200 MB");
  ask("DELETE", kMaps, "", "application/json");
  // Free memory is returned to the system once a minute.
  std::this_thread::sleep_for(std::chrono::seconds(65));
  Row("memory after all are deleted (before: the first)",
      StrCat(Text(MegabytesOf(server), "%.0f", "MB"), " (", Text(empty, "%.0f", "MB"), ")"), "",
      "given back");
}

}  // namespace

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  int pipes[2];
  if (pipe(pipes) != 0) Stop("no pipe");
  const pid_t server = fork();  // before any thread exists
  if (server == 0) Serve(pipes[1]);
  capstan::net::InitializeNetwork();
  std::printf("| what | measured | of processors | goal |\n|---|---|---|---|\n");
  char address[128] = {};
  if (read(pipes[0], address, sizeof address - 1) <= 0) Stop("the server does not start");
  MeasureInProcess();
  MeasureWatches(server, std::string(address, std::string_view(address).find('\n')));
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  return 0;
}
