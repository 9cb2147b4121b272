#include <capstan/tests/watch_survival/survival.hpp>

#include <algorithm>
#include <cstdlib>

#include <capstan/core/json/scan.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/tests/cluster/live_cluster.hpp>

namespace capstan::survival {

// All cases share one real server, because starting it takes seconds.
struct Survival::Shared {
  std::unique_ptr<Server> cluster;
  std::optional<kube::Kind> sprocket;
};

Survival::Shared& Survival::shared() {
  static Shared shared;
  return shared;
}

Operator::Operator() {
  watcher.backoff.first = milliseconds(200);
  watcher.backoff.limit = seconds(1);
  watcher.report_every = minutes(30);  // once in each case, however long it takes
}

Survival::Survival() {
  if (GetParam() == "embedded") {
    own_server_ = StartEmbedded();
    server_ = own_server_.get();
  } else {
    if (!shared().cluster) shared().cluster = ReachCluster();
    server_ = shared().cluster.get();
  }
}

Survival::~Survival() { StopWatching(); }

void Survival::StopWatching() {
  subscription_ = runtime::Subscription();
  if (manager_) manager_->Stop(seconds(60));
  manager_.reset();
  informer_ = nullptr;
  client_.reset();
  damaging_.reset();
  faulty_.reset();
  transport_.reset();
  proxy_.reset();
  metrics_ = runtime::MakePrometheusMetrics();
  log_ = std::make_unique<RecordingLog>();
  MutexLock lock(mutex_);
  reconciled_.clear();
}

const kube::Kind& Survival::Sprocket() {
  auto& kind = own_server_ ? sprocket_ : shared().sprocket;
  if (!kind) {
    const std::string suffix = random_->Suffix(5);
    kind = kube::Kind{kGroup, "v1", "Sprocket" + suffix, "sprocket" + suffix + "s", true};
    Define(*kind);
  }
  return *kind;
}

void Survival::Define(const kube::Kind& kind) {
  const std::string definition = StrCat(
      R"({"metadata":{"name":")", kind.resource(), R"("},"spec":{"group":")", kind.group,
      R"(","scope":"Namespaced","names":{"plural":")", kind.plural, R"(","singular":")", ToLower(kind.kind),
      R"(","kind":")", kind.kind,
      R"("},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{)",
      R"("type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"},)",
      R"("text":{"type":"string"}}}}}}}]}})");
  // An object with the same name may still be terminating.
  Status made = Fail(Code::kInternal, "not tried");
  EXPECT_TRUE(Until([&] {
    const auto answer = server_->crd_admin().Create(kube::CustomResourceDefinitionKind(), "", definition,
                                                    Within(seconds(60)));
    made = answer ? Status() : Fail(answer.error());
    return made.has_value();
  })) << made.error();
  WaitUntilServed(kind);
}

void Survival::WaitUntilServed(const kube::Kind& kind) {
  // Immediately after the kind is established a server may still answer 404 or 429, and not accept
  // objects yet.
  int in_a_row = 0;
  Status last;
  EXPECT_TRUE(Until([&] {
    const auto probe =
        server_->admin().Create(kind, "default",
                                StrCat(R"({"apiVersion":")", kind.api_version(), R"(","kind":")", kind.kind,
                                       R"(","metadata":{"generateName":"probe-"}})"),
                                Within(seconds(60)));
    last = probe ? Status() : Fail(probe.error());
    if (probe) {
      (void)server_->admin().Delete(kind, {"default", probe->key().name}, {}, Within(seconds(60)));
    }
    in_a_row = probe ? in_a_row + 1 : 0;
    return in_a_row >= (server_->separate() ? 3 : 1);
  })) << kind.resource()
      << ": " << last.error();
}

const std::string& Survival::Namespace() {
  if (namespace_.empty()) {
    namespace_ = "survival-" + random_->Suffix(6);
    const auto made = server_->admin().Create(
        kube::NamespaceKind(), "", R"({"metadata":{"name":")" + namespace_ + "\"}}", Within(seconds(60)));
    EXPECT_TRUE(made) << made.error();
  }
  return namespace_;
}

void Survival::Put(const std::string& name, int size, const kube::Kind* kind) {
  const kube::Kind& of = kind == nullptr ? Sprocket() : *kind;
  const std::string spec = StrCat(R"("spec":{"size":)", size, "}");
  auto put = server_->admin().Patch(of, {Namespace(), name}, kube::PatchType::kMerge, "{" + spec + "}", {},
                                    Within(seconds(60)));
  if (!put && put.error().code == Code::kNotFound) {
    put = server_->admin().Create(of, Namespace(),
                                  StrCat(R"({"apiVersion":")", of.api_version(), R"(","kind":")", of.kind,
                                         R"(","metadata":{"name":")", name, "\"},", spec, "}"),
                                  Within(seconds(60)));
  }
  EXPECT_TRUE(put) << put.error();
}

void Survival::Remove(const std::string& name) {
  const auto gone = server_->admin().Delete(Sprocket(), {Namespace(), name}, {}, Within(seconds(60)));
  EXPECT_TRUE(gone) << gone.error();
}

std::uint64_t Survival::ServerVersion() {
  const auto head = server_->admin().List(
      Sprocket(), Namespace(), {}, [](std::string_view) { return Status(); }, Within(seconds(60)));
  EXPECT_TRUE(head) << head.error();
  return head ? std::strtoull(head->resource_version.c_str(), nullptr, 10) : 0;
}

void Survival::Watch(const kube::Kind& kind, Operator setup, bool wait) {
  kube::ClusterAccess access = server_->access();
  const auto port =
      static_cast<std::uint16_t>(std::atoi(access.server.substr(access.server.rfind(':') + 1).c_str()));
  proxy_ = std::make_unique<CuttingProxy>(server_->scheduler(), port);
  if (cut_after_ > 0) proxy_->CutAfter(cut_after_);
  access.server = StrCat("https://127.0.0.1:", proxy_->port());
  if (!setup.token_file.empty()) {
    access.token = Secret();
    access.token_file = setup.token_file;
  }
  net::TlsTransportOptions tls;
  tls.dead_peer = setup.dead_peer;
  auto transport = cluster::Connect(access, *files_, *process_, server_->scheduler(), *log_, tls);
  ASSERT_TRUE(transport) << transport.error();
  transport_ = std::move(*transport);
  faulty_ = std::make_unique<http::FaultyTransport>(
      *transport_, [this](const http::Request&) -> std::optional<http::Fault> {
        MutexLock lock(mutex_);
        if (!answer_) return std::nullopt;
        return http::Fault{http::Fault::When::kBefore, answer_, {}};
      });
  damaging_ = std::make_unique<DamagingTransport>(*faulty_, server_->scheduler());
  client_ =
      std::make_unique<kube::Client>(*damaging_, server_->scheduler(),
                                     kube::ClientOptions{access.server, "survivor", setup.request_timeout});
  runtime::ManagerOptions options;
  options.namespaces = {Namespace()};
  options.watcher = setup.watcher;
  manager_ = std::make_unique<runtime::Manager>(
      runtime::Controller::Dependencies{*client_, server_->scheduler(), *random_, *log_, *metrics_}, options);
  runtime::ControllerOptions controller;
  controller.name = "survivor";
  controller.workers = 2;
  manager_->AddController(
      controller, kind, [this](const runtime::Request& request, const Context&) -> Result<runtime::Outcome> {
        MutexLock lock(mutex_);
        ++reconciled_[request.key.ToString()];
        server_->scheduler().Notify(changed_);
        return runtime::Outcome{};
      });
  informer_ = manager_->AddInformer(kind).front();
  metrics_->OnText([this] {
    if (manager_) manager_->CollectMetrics();
  });
  subscription_ = informer_->Subscribe({{}, [this](std::uint64_t) {
                                          MutexLock lock(mutex_);
                                          server_->scheduler().Notify(changed_);
                                        }});
  manager_->Start();
  if (wait) {
    ASSERT_TRUE(BecomesEqual());
    // After a paginated list the watch is a separate request, which must be open before it can be
    // broken.
    ASSERT_TRUE(Until([&] { return damaging_->watches() > 0; }));
  }
}

Result<Survival::Objects> Survival::OnServer() {
  Objects objects;
  kube::ListOptions options;
  for (;;) {
    CAPSTAN_TRY(const kube::ListHead head,
                server_->admin().ListMetadata(
                    informer_->target().kind, Namespace(), options,
                    [&](std::string_view item) -> Status {
                      CAPSTAN_TRY(const json::Metadata metadata, json::ScanMetadata(item));
                      objects[metadata.name] = metadata.uid + " " + metadata.resource_version;
                      return {};
                    },
                    Within(seconds(60))));
    if (head.continue_token.empty()) return objects;
    options.continue_token = head.continue_token;
  }
}

Survival::Objects Survival::InCache() {
  Objects objects;
  for (const auto& object : informer_->store().Snapshot()) {
    objects[std::string(object.name())] = StrCat(object.uid(), " ", object.version());
  }
  return objects;
}

::testing::AssertionResult Survival::BecomesEqual(Duration limit) {
  const Instant start = server_->scheduler().Now();
  auto expected = OnServer();
  Instant asked = start;
  const bool equal = Until(
      [&] {
        // Nothing else writes, but the server may still be recovering.
        if (!expected || server_->scheduler().Now() - asked > seconds(5)) {
          expected = OnServer();
          asked = server_->scheduler().Now();
        }
        return expected && informer_->synced() && InCache() == *expected;
      },
      limit);
  if (equal) return ::testing::AssertionSuccess();
  auto failure = ::testing::AssertionFailure();
  if (!expected) return failure << "the server does not list: " << expected.error();
  const auto cached = InCache();
  failure << "after " << FormatDuration(server_->scheduler().Now() - start) << " the cache has "
          << cached.size() << " objects, the server " << expected->size();
  for (const auto& [name, version] : *expected) {
    const auto found = cached.find(name);
    if (found == cached.end() || found->second != version) {
      failure << "; " << name << " is " << (found == cached.end() ? "missing" : found->second) << ", not "
              << version;
      break;
    }
  }
  if (const auto trouble = informer_->status().trouble) failure << "; trouble: " << *trouble;
  return failure << "; state " << runtime::WatcherStateName(informer_->status().state);
}

void Survival::Answer(std::optional<http::Response> response) {
  MutexLock lock(mutex_);
  answer_ = std::move(response);
}

int Survival::reconciles() const {
  MutexLock lock(mutex_);
  int all = 0;
  for (const auto& [key, count] : reconciled_) all += count;
  return all;
}

std::size_t Survival::reconciled_objects() const {
  MutexLock lock(mutex_);
  return reconciled_.size();
}

std::vector<std::string> Survival::Warnings() const {
  std::vector<std::string> lines;
  for (const std::string& line : log_->Lines()) {
    if (ToLower(line.substr(0, 7)) == "warning") lines.push_back(line);
  }
  return lines;
}

bool Survival::TroubleIs(Code code) const {
  const auto trouble = informer_->status().trouble;
  return trouble && trouble->code == code;
}

bool Survival::OutageNoticed() {
  return Until([&] { return !Warnings().empty(); });
}

void Survival::ExpectOneWarning(const std::string& text) {
  // The cache may be slightly ahead of the log.
  std::vector<std::string> with;
  Until([&] {
    with.clear();
    for (const std::string& line : Warnings()) {
      if (line.find(text) != std::string::npos) with.push_back(line);
    }
    return !with.empty();
  });
  EXPECT_EQ(with.size(), 1u) << "lines with '" << text << "' of:\n" << Join(Warnings(), "\n");
  for (const std::string& line : with) {
    EXPECT_NE(line.find(informer_->target().kind.resource()), std::string::npos) << line;
    EXPECT_NE(line.find(StrCat("https://127.0.0.1:", proxy_->port())), std::string::npos) << line;
  }
}

void Survival::ExpectWarnings(std::size_t count) {
  EXPECT_EQ(Warnings().size(), count) << Join(Warnings(), "\n");
}

std::string Survival::Metric(const std::string& name) {
  for (const std::string& line : Split(metrics_->Text(), '\n')) {
    if (line.compare(0, name.size() + 1, name + "{") == 0) return line.substr(line.rfind(' ') + 1);
  }
  return "";
}

std::optional<double> Survival::Age() {
  const std::string value = Metric("capstan_watch_last_sign_of_life_seconds");
  if (value.empty()) return std::nullopt;
  return std::strtod(value.c_str(), nullptr);
}

void Survival::ExpectHeardAgain() {
  const Instant before = server_->scheduler().Now();
  Put("said-something", 1);
  EXPECT_TRUE(Until([&] {
    const Instant now = server_->scheduler().Now();
    const auto age = std::chrono::duration<double>(Age().value_or(1e6));
    return now - std::chrono::duration_cast<Duration>(age) > before;
  })) << *Age()
      << " seconds";
}

bool Survival::Until(const std::function<bool()>& condition, Duration limit) {
  Scheduler& scheduler = server_->scheduler();
  const Instant deadline = After(scheduler.Now(), limit);
  for (;;) {
    if (condition()) return true;
    if (scheduler.Now() >= deadline) return false;
    MutexLock lock(mutex_);
    scheduler.Wait(changed_, lock, std::min(deadline, After(scheduler.Now(), milliseconds(50))), Context());
  }
}

}  // namespace capstan::survival

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
