// kube_bench: measures the work of a Kubernetes library with our core, against any server. Modes
// and output match those of the peer program for client-go, so that two runs can be compared.
//
//   --mode=populate   create --n custom resources and give each a status (32 at a time)
//   --mode=sync       cold start of an informer until it has synced; then again after 2 s of rest,
//                     when free memory and startup code have been returned, as by `capstan run`
//   --mode=limit      the minimal cost of a sync: the same bytes decrypted, copied once and read
//                     once by simdjson
//   --mode=writelimit the minimal cost of --n status patches: the same requests over the same
//                     transport, --together at a time, with responses ignored; nothing is watched
//   --mode=relist     like sync, then a second full list into the same cache, as after 410
//   --mode=reconcile  informer → workqueue → --workers → one status merge patch each, until --n
//                     objects have --value; events that leave metadata.generation as it was, as our
//                     own patches do, reconcile nothing, unless --every_event
//   --mode=events     sync, then --n updates by a second process; our CPU time only, per event
//   --mode=queue      --n add-take-done on the workqueue with --workers threads; no server
//   --mode=clear      delete all objects
//
// Each printed line: operation, objects, wall seconds, CPU seconds of this process, peak and
// current resident memory.
#include <gflags/gflags.h>
#include <simdjson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <unordered_set>

#include <capstan/core/base/process.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/kube/credentials.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/core/program/process_memory.hpp>
#include <capstan/core/runtime/manager.hpp>

DEFINE_string(kubeconfig, "", "which cluster; empty: KUBECONFIG and the other defaults");
DEFINE_string(mode, "sync", "populate|sync|limit|writelimit|relist|reconcile|events|queue|clear");
DEFINE_int32(n, 1000, "how many objects, events or keys");
DEFINE_int32(workers, 4, "workers or threads");
DEFINE_string(value, "a", "what --mode=reconcile writes to status.progress; use a new one each time");
DEFINE_int32(together, 16, "how many requests --mode=writelimit sends at the same time; 1: each by a worker");
DEFINE_bool(every_event, false,
            "with --mode=reconcile: reconcile an object again after our own status patch");
DEFINE_bool(streaming, true, "ask for a streaming list first");

namespace {

using namespace capstan;

const kube::Kind kCluster{"anutosh491.dev", "v1alpha1", "DigitalOceanCluster", "digitaloceanclusters", true};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string ResidentNow() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::string(Trim(line.substr(6)));
  }
  return "";
}

// One program and one cluster.
class Bench {
 public:
  Bench()
      : files_(MakeSystemFiles()),
        process_(MakeSystemProcess()),
        random_(MakeSystemRandom()),
        started_(scheduler_.Now()) {}

  int Run() {
    if (FLAGS_mode == "queue") return Queue();
    auto access = kube::LoadClusterAccess(*files_, *process_, FLAGS_kubeconfig);
    if (!access) return Fails(access.error());
    const bool insecure = access->insecure_skip_verify;
    const std::string server_name = access->server_name;
    auto transport = kube::MakeCredentialTransport(
        *access,
        [=](const kube::TlsMaterial& material) {
          net::TlsTransportOptions options;
          options.tls = {material.ca_pem, material.certificate_pem, material.key_pem, server_name, insecure};
          return net::MakeTlsTransport(std::move(options));
        },
        *files_, *process_, scheduler_, log_);
    if (!transport) return Fails(transport.error());
    transport_ = std::move(*transport);
    server_ = access->server;
    client_ = std::make_unique<kube::Client>(
        *transport_, scheduler_, kube::ClientOptions{access->server, "kube-bench", std::chrono::seconds(60)});
    if (FLAGS_mode == "populate") return Populate();
    if (FLAGS_mode == "clear") return Clear();
    if (FLAGS_mode == "sync" || FLAGS_mode == "relist") return Sync();
    if (FLAGS_mode == "limit") return Limit();
    if (FLAGS_mode == "writelimit") return WriteLimit();
    if (FLAGS_mode == "reconcile") return Reconcile();
    if (FLAGS_mode == "events") return Events();
    if (FLAGS_mode == "touch") return Touch();
    std::cerr << "kube_bench: no mode '" << FLAGS_mode << "'\n";
    return 2;
  }

 private:
  void Report(const std::string& what, std::size_t n, double cpu_before = 0) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("%s n=%zu wall=%.2fs cpu=%.2fs maxrss=%ldMiB rss=%s\n", what.c_str(), n,
                std::chrono::duration<double>(scheduler_.Now() - started_).count(), CpuSeconds() - cpu_before,
                usage.ru_maxrss / 1024, ResidentNow().c_str());
    std::fflush(stdout);
  }
  // Without the kind, a cache is never filled.
  Context Patience() const { return Context{}.Within(scheduler_, std::chrono::minutes(10)); }
  static int Fails(const Error& error) {
    std::cerr << "kube_bench: " << error.message << "\n";
    return 1;
  }
  static std::string Name(int i) {
    char name[32];
    std::snprintf(name, sizeof name, "cluster-%06d", i);
    return name;
  }
  // Runs work(0..n-1) on `threads` tasks; returns the first error.
  Status InParallel(int n, int threads, const std::function<Status(int, const Context&)>& work) {
    std::atomic<int> next{0};
    Mutex mutex;
    Status first;
    std::vector<Task> tasks;
    for (int t = 0; t < threads; ++t) {
      tasks.push_back(scheduler_.Spawn("worker", [&](const Context& context) {
        for (int i = next++; i < n; i = next++) {
          auto status = work(i, context);
          if (status) continue;
          MutexLock lock(mutex);
          first = std::move(status);
          return;
        }
      }));
    }
    for (Task& task : tasks) task.Join();
    return first;
  }

  int Populate() {
    const auto status = InParallel(FLAGS_n, 32, [this](int i, const Context& context) -> Status {
      const std::string name = Name(i);
      const std::string json = StrCat(
          R"({"apiVersion":"anutosh491.dev/v1alpha1","kind":"DigitalOceanCluster","metadata":{"name":")",
          name, R"(","namespace":"default","labels":{"team":"team-)", i % 50,
          R"(","env":"prod","app.kubernetes.io/name":")", name, R"("}},"spec":{"name":")", name,
          R"(","region":"nyc1","version":"1.34.1-do.0","tokenSecret":"default/dosecret","tags":["production","web-team"],)"
          R"("nodePools":[{"name":"pool-a","size":"s-2vcpu-2gb","count":3,"labels":{"tier":"web"}},)"
          R"({"name":"pool-b","size":"s-4vcpu-8gb","count":2,"autoScale":true,"minNodes":1,"maxNodes":10},)"
          R"({"name":"pool-c","size":"c-8","count":1,"taints":[{"key":"gpu","value":"true","effect":"NoSchedule"}]}]}})");
      auto created = client_->Create(kCluster, "default", json, context);
      if (!created && created.error().code != Code::kAlreadyExists) return Fail(created.error());
      char id[64];
      std::snprintf(id, sizeof id, "bd5f5959-5e1e-4205-a714-%012d", i);
      const std::string patch = StrCat(
          R"({"status":{"clusterID":")", id,
          R"(","progress":"running","observedGeneration":1,"endpoint":"https://)", id,
          R"(.k8s.ondigitalocean.com","conditions":[{"type":"Ready","status":"True","reason":"Running","message":"cluster is running","lastTransitionTime":"2026-11-22T07:00:00Z","observedGeneration":1},)"
          R"({"type":"Synced","status":"True","reason":"ReconcileSuccess","message":"synced","lastTransitionTime":"2026-11-22T07:00:00Z","observedGeneration":1}]}})");
      CAPSTAN_TRY(const auto patched, client_->Patch(kCluster, {"default", name}, kube::PatchType::kMerge,
                                                     patch, {"status"}, context));
      return {};
    });
    if (!status) return Fails(status.error());
    Report("populate", static_cast<std::size_t>(FLAGS_n));
    return 0;
  }

  int Clear() {
    std::vector<kube::ObjectKey> keys;
    kube::ListOptions options;
    do {
      const auto head = client_->List(
          kCluster, "default", options,
          [&](std::string_view item) -> Status {
            CAPSTAN_TRY(const auto metadata, json::ScanMetadata(item));
            keys.push_back({metadata.namespace_, metadata.name});
            return {};
          },
          Context{});
      if (!head) return Fails(head.error());
      options.continue_token = head->continue_token;
    } while (!options.continue_token.empty());
    const auto status =
        InParallel(static_cast<int>(keys.size()), 32, [&](int i, const Context& context) -> Status {
          const auto deleted = client_->Delete(kCluster, keys[static_cast<std::size_t>(i)], {}, context);
          return deleted || deleted.error().code == Code::kNotFound ? Status() : deleted;
        });
    return status ? 0 : Fails(status.error());
  }

  std::unique_ptr<runtime::Informer> MakeInformer() {
    runtime::InformerOptions options;
    options.target.kind = kCluster;
    options.watcher.streaming_list = FLAGS_streaming;
    return std::make_unique<runtime::Informer>(*client_, scheduler_, *random_, log_, options);
  }

  int Sync() {
    const auto informer = MakeInformer();
    informer->Start();
    if (const auto synced = informer->WaitForSync(Patience()); !synced) return Fails(synced.error());
    Report("sync", informer->store().size());
    scheduler_.Sleep(std::chrono::seconds(2), Context{});
    Report("settled", informer->store().size());
    const auto stats = informer->store().stats();
    std::printf("cache objects=%zu block_bytes=%zu text_bytes=%zu codec_bytes=%zu\n", stats.objects,
                stats.object_bytes, stats.text_bytes, stats.codec_bytes);
    if (FLAGS_mode != "relist") return 0;
    // The lists of a second watcher into the same store, as after 410.
    informer->Stop();
    const double cpu = CpuSeconds();
    informer->Start();
    scheduler_.Sleep(std::chrono::milliseconds(1), Context{});
    while (informer->status().lists < 2 || informer->status().state != runtime::WatcherState::kWatching) {
      scheduler_.Sleep(std::chrono::milliseconds(5), Context{});
    }
    Report("relist", informer->store().size(), cpu);
    return 0;
  }

  // Reads a streaming list line by line and discards it.
  int Limit() {
    http::Request request;
    request.method = "GET";
    request.url = StrCat(server_, "/apis/", kCluster.group, "/", kCluster.version, "/", kCluster.plural,
                         "?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch="
                         "NotOlderThan&timeoutSeconds=300");
    request.headers.Set("Accept", "application/json");
    auto stream = transport_->Open(request, Context{});
    if (!stream) return Fails(stream.error());
    simdjson::dom::parser parser;
    std::string held;
    std::size_t lines = 0, scanned = 0;
    for (;;) {
      const auto piece = stream->body->Read(Context{});
      if (!piece) return Fails(piece.error());
      if (piece->empty()) return Fails(MakeLimitError("the stream ended before its end"));
      held += *piece;
      std::size_t begin = 0;
      for (std::size_t end = held.find('\n', scanned); end != std::string::npos;
           end = held.find('\n', begin)) {
        if (held.capacity() - end < simdjson::SIMDJSON_PADDING) held.reserve(2 * held.capacity());
        const std::string_view line(held.data() + begin, end - begin);
        if (parser.parse(line.data(), line.size(), false).error())
          return Fails(MakeLimitError("a line is no JSON"));
        const bool last = line.substr(0, 18) == R"({"type":"BOOKMARK")";
        if (last) {
          Report("limit", lines);
          return 0;
        }
        ++lines;
        begin = end + 1;
      }
      held.erase(0, begin);
      scanned = held.size();
    }
  }
  int WriteLimit() {
    const std::string body = StrCat(R"({"status":{"progress":")", FLAGS_value, "\"}}");
    const auto patch = [&](int i) {
      http::Request request;
      request.method = "PATCH";
      request.url = StrCat(server_, "/apis/", kCluster.group, "/", kCluster.version, "/namespaces/default/",
                           kCluster.plural, "/", Name(i), "/status?fieldManager=kube-bench");
      request.headers.Set("Accept", "application/json");
      request.headers.Set("Content-Type", "application/merge-patch+json");
      request.body = body;
      return request;
    };
    const auto success = [](const Result<http::Response>& response) -> Status {
      if (!response) return Fail(response.error());
      return response->status == 200 ? Status()
                                     : Fail(Code::kUnavailable, StrCat("status ", response->status));
    };
    const int together = std::max(1, FLAGS_together);
    const auto status =
        InParallel((FLAGS_n + together - 1) / together, together > 1 ? 1 : FLAGS_workers,
                   [&](int group, const Context& context) -> Status {
                     std::vector<http::Request> requests;
                     for (int i = group * together; i < std::min(FLAGS_n, (group + 1) * together); ++i)
                       requests.push_back(patch(i));
                     for (const auto& response : transport_->SendAll(requests, context))
                       CAPSTAN_RETURN_IF_ERROR(success(response));
                     return {};
                   });
    if (!status) return Fails(status.error());
    Report("writelimit", static_cast<std::size_t>(FLAGS_n));
    return 0;
  }
  static Error MakeLimitError(const char* what) {
    Error error;
    error.code = Code::kDataLoss;
    error.message = what;
    return error;
  }

  int Reconcile() {
    auto metrics = runtime::MakeSilentMetrics();
    runtime::Manager manager({*client_, scheduler_, *random_, log_, *metrics});
    Mutex mutex;
    Event finished;
    std::unordered_set<std::string> done;
    Instant first{};
    const runtime::ReconcileFunction::Function reconcile = [&](const runtime::Request& request,
                                                               const Context&) -> Result<runtime::Outcome> {
      if (!request.cached || request.cached->StringAt("/status/progress") == FLAGS_value)
        return runtime::Outcome{};
      runtime::StatusPatch status{StrCat(R"({"status":{"progress":")", FLAGS_value, "\"}}"), nullptr};
      status.conclude = [&, name = request.key.name](const Result<std::string>& answer, const Context&) {
        if (!answer) return Result<std::string>(Fail(answer.error()));
        MutexLock lock(mutex);
        if (done.insert(name).second && done.size() == static_cast<std::size_t>(FLAGS_n))
          scheduler_.Notify(finished);
        return json::ScanResourceVersion(*answer);
      };
      return runtime::Outcome{std::nullopt, "", std::move(status)};
    };
    runtime::ControllerOptions options;
    options.name = "bench";
    options.workers = FLAGS_workers;
    if (!FLAGS_every_event) options.filters.push_back(runtime::IntentChanged());
    manager.AddController(options, kCluster, reconcile);
    manager.Start();
    if (const auto synced = manager.WaitForSync(Patience()); !synced) return Fails(synced.error());
    first = scheduler_.Now();
    {
      MutexLock lock(mutex);
      while (done.size() < static_cast<std::size_t>(FLAGS_n))
        scheduler_.Wait(finished, lock, kForever, Context{});
    }
    const double seconds = std::chrono::duration<double>(scheduler_.Now() - first).count();
    std::printf("reconciled %d in %.2fs = %.0f/s\n", FLAGS_n, seconds, FLAGS_n / seconds);
    Report("reconcile", static_cast<std::size_t>(FLAGS_n));
    manager.Stop();
    return 0;
  }

  int Events() {
    int seen = 0;
    Mutex mutex;
    Event all;
    const auto informer = MakeInformer();
    const auto subscription = informer->Subscribe({[&](const runtime::Change& change) {
                                                     MutexLock lock(mutex);
                                                     seen += !change.listed;
                                                     if (seen == FLAGS_n) scheduler_.Notify(all);
                                                   },
                                                   {}});
    informer->Start();
    if (const auto synced = informer->WaitForSync(Patience()); !synced) return Fails(synced.error());
    if (informer->store().size() == 0) {
      std::cerr << "kube_bench: there are no objects to change: run --mode=populate first\n";
      return 1;
    }
    scheduler_.Sleep(std::chrono::milliseconds(500), Context{});
    const double cpu = CpuSeconds();
    const std::string n = StrCat("--n=", FLAGS_n), config = StrCat("--kubeconfig=", FLAGS_kubeconfig);
    const std::string value = StrCat("--value=", FLAGS_value);
    const pid_t child = fork();
    if (child == 0) {
      execl("/proc/self/exe", "kube_bench", "--mode=touch", n.c_str(), config.c_str(), value.c_str(),
            nullptr);
      _exit(127);
    }
    int status = 0;
    // Does not look every now and then: each look would be a wake-up that is none of the events'.
    waitpid(child, &status, 0);
    const Instant patience = scheduler_.Now() + std::chrono::seconds(5);
    MutexLock lock(mutex);
    while (seen < FLAGS_n && scheduler_.Now() < patience) scheduler_.Wait(all, lock, patience, Context{});
    const double used = CpuSeconds() - cpu;
    std::printf("events %d cpu per event %.1f us\n", seen, used * 1e6 / std::max(1, seen));
    Report("events", static_cast<std::size_t>(seen), cpu);
    return status == 0 ? 0 : 1;
  }

  // The second process of --mode=events: n status patches over the existing objects, each of which
  // changes something.
  int Touch() {
    std::vector<std::string> names;
    const auto head = client_->List(
        kCluster, "default", {"", "", 1000, "", "0"},
        [&](std::string_view item) -> Status {
          CAPSTAN_TRY(const auto metadata, json::ScanMetadata(item));
          names.push_back(metadata.name);
          return {};
        },
        Context{});
    if (!head) return Fails(head.error());
    const auto status = InParallel(FLAGS_n, 16, [&](int i, const Context& context) -> Status {
      const kube::ObjectKey key{"default", names[static_cast<std::size_t>(i) % names.size()]};
      const std::string patch = StrCat(R"({"status":{"progress":")", FLAGS_value, i, "\"}}");
      const auto write = [&] {
        return client_->Patch(kCluster, key, kube::PatchType::kMerge, patch, {"status"}, context);
      };
      auto patched = write();
      // A busy server drops a connection now and then; the same once more changes nothing else.
      if (!patched && patched.error().code == Code::kUnavailable) patched = write();
      return patched ? Status() : Fail(patched.error());
    });
    return status ? 0 : Fails(status.error());
  }

  int Queue() {
    runtime::Workqueue queue(scheduler_, *random_);
    std::vector<kube::ObjectKey> keys;
    for (int i = 0; i < FLAGS_n; ++i) keys.push_back({"default", Name(i)});
    started_ = scheduler_.Now();
    std::atomic<int> done{0};
    std::vector<Task> tasks;
    for (int t = 0; t < FLAGS_workers; ++t) {
      tasks.push_back(scheduler_.Spawn("worker", [&, t](const Context& context) {
        for (int i = t; i < FLAGS_n; i += FLAGS_workers)
          queue.Add(keys[static_cast<std::size_t>(i)], runtime::Priority::kUser);
        while (auto taken = queue.Take(context)) {
          queue.Done(taken->key);
          if (++done == FLAGS_n) queue.Shutdown();
        }
      }));
    }
    for (Task& task : tasks) task.Join();
    Report("queue", static_cast<std::size_t>(done.load()));
    return 0;
  }

  ThreadScheduler scheduler_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<Random> random_;
  SilentLog log_;
  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<kube::Client> client_;
  std::string server_;
  Instant started_;
  // As the program itself does.
  const Task memory_ = program::ReturnFreeMemory(scheduler_);
};

}  // namespace

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  program::LimitAllocator();
  net::InitializeNetwork();
  return Bench().Run();
}
