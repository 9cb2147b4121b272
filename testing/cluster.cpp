#include <capstan/testing/cluster.hpp>

#include <cstdio>
#include <cstdlib>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/kube/discovery.hpp>
#include <capstan/core/kube/kubeconfig.hpp>
#include <capstan/core/net/tls_transport.hpp>
#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/testing/wire/wire.hpp>
#include <capstan/testing/yaml.hpp>

namespace capstan::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A real hour is not waited for.
constexpr Duration kLongestRealRun = seconds(3);
// How soon a silent watch of a simulated life notices that the wire was cut.
constexpr Duration kPatience = seconds(5);

[[noreturn]] void Die(const std::string& message) {
  std::fprintf(stderr, "capstan::testing::Cluster: %s\n", message.c_str());
  std::abort();
}

std::shared_ptr<const apiserver::BuiltinSchemas> Schemas() {
  static const auto schemas = apiserver::MakeBuiltinSchemas();  // constant, and slow to make
  return schemas;
}

}  // namespace

// The cluster, embedded or real, and the trouble between it and the operator.
struct Cluster::World {
  virtual ~World() = default;
  virtual Scheduler& scheduler() = 0;
  virtual http::Transport& transport() = 0;
  // Where the operator finds everything but Kubernetes: what the test routed.
  virtual http::LoopbackTransport& outside() = 0;
  virtual void Compact() = 0;
  virtual bool real() const = 0;
  // Lets time pass until `done` or the limit; whether it is done.
  virtual bool Pass(const std::function<bool()>& done, Duration limit) = 0;
  // Calls `work` where waiting is allowed.
  virtual void Do(const std::function<void(const Context&)>& work) = 0;

  std::string server;
  std::unique_ptr<Random> random;
  RecordingLog log;
  Trouble trouble;
  std::unique_ptr<kube::Client> client;
};

namespace {

template <class World>
class EmbeddedWorld final : public World {
 public:
  explicit EmbeddedWorld(std::uint64_t seed) : scheduler_(SeededSchedule(seed)) {
    this->random = MakeSeededRandom(seed);
    this->server = "http://kubernetes.test";
    apiserver::ApiServerOptions options;
    options.schemas = Schemas();
    auto started = apiserver::ApiServer::Start(scheduler_, *this->random, quiet_, *storage_, options);
    if (!started) Die("the embedded API server does not start: " + started.error().message);
    api_ = std::move(*started);
    transport_.Route("kubernetes.test", api_.get());
  }
  Scheduler& scheduler() override { return scheduler_; }
  http::Transport& transport() override { return transport_; }
  http::LoopbackTransport& outside() override { return transport_; }
  void Compact() override { api_->Compact(); }
  bool real() const override { return false; }
  bool Pass(const std::function<bool()>& done, Duration limit) override {
    return scheduler_.RunUntil(done, limit);
  }
  void Do(const std::function<void(const Context&)>& work) override {
    Task task = scheduler_.Spawn("test", work);
    if (!scheduler_.RunUntil([&] { return task.finished(); })) Die("a request was not answered in an hour");
  }

 private:
  SimulatedScheduler scheduler_;
  SilentLog quiet_;
  std::unique_ptr<apiserver::Storage> storage_ = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> api_;
  http::LoopbackTransport transport_{scheduler_};
};

template <class World>
class RealWorld final : public World {
 public:
  explicit RealWorld(const std::string& kubeconfig) {
    net::InitializeNetwork();
    this->random = MakeSystemRandom();
    const auto access = kube::LoadClusterAccess(*files_, *process_, kubeconfig);
    if (!access) Die(access.error().message);
    auto connected = program::ConnectToCluster(*access, *files_, *process_, scheduler_, this->log);
    if (!connected) Die(connected.error().message);
    transport_ = std::move(*connected);
    this->server = access->server;
  }
  Scheduler& scheduler() override { return scheduler_; }
  http::Transport& transport() override { return *transport_; }
  http::LoopbackTransport& outside() override { return outside_; }
  void Compact() override {}  // the wire answers as if it were
  bool real() const override { return true; }
  bool Pass(const std::function<bool()>& done, Duration limit) override {
    const Instant until = After(scheduler_.Now(), limit);
    while (!done()) {
      if (scheduler_.Now() >= until) return false;
      (void)scheduler_.Sleep(std::min<Duration>(milliseconds(50), until - scheduler_.Now()), Context{});
    }
    return true;
  }
  void Do(const std::function<void(const Context&)>& work) override { work(Context{}); }

 private:
  ThreadScheduler scheduler_;
  const std::unique_ptr<Files> files_ = MakeSystemFiles();
  const std::unique_ptr<Process> process_ = MakeSystemProcess();
  std::unique_ptr<http::Transport> transport_;
  http::LoopbackTransport outside_{scheduler_};
};

}  // namespace

// One life of an operator.
struct Cluster::Life {
  Life(World& world, const Operator& operator_, int number)
      : description(operator_),
        wire(world.transport(), world.scheduler(), world.trouble, number, dead,
             world.real() ? Duration::zero() : kPatience),
        outside(world.outside(), world.scheduler(), world.trouble, number, dead, Duration::zero()),
        running(operator_, {world.scheduler(), *world.random, world.log, wire, outside, world.server,
                            StrCat("test_", number), "default"}) {}
  const Operator& description;
  std::atomic<bool> dead{false};
  Wire wire, outside;
  RunningOperator running;
};

Cluster::Cluster(ClusterOptions options) {
  if (options.kubeconfig.empty()) {
    const char* named = std::getenv("CAPSTAN_TEST_KUBECONFIG");
    if (named != nullptr) options.kubeconfig = named;
  }
  if (options.kubeconfig.empty()) {
    world_ = std::make_unique<EmbeddedWorld<World>>(options.seed);
  } else {
    world_ = std::make_unique<RealWorld<World>>(options.kubeconfig);
  }
  kube::ClientOptions settings;
  settings.server = world_->server;
  settings.field_manager = "test";
  world_->client = std::make_unique<kube::Client>(world_->transport(), world_->scheduler(), settings);
}

Cluster::~Cluster() {
  if (real()) CleanUp();
  Stop();
}

// Where no controller-manager runs, nobody else collects what the operator made, and a namespace that
// is deleted refuses objects for ever: namespaces are emptied and left for the next test.
void Cluster::CleanUp() {
  Mend();
  GiveRights();
  std::vector<std::pair<kube::Kind, std::string>> made;  // and the label by which they are known
  for (const auto& life : lives_) {
    for (const ControllerSpec* spec : life->description.controllers()) {
      for (const auto* kinds : {&spec->owns, &spec->makes}) {
        for (const kube::Kind& kind : *kinds)
          made.emplace_back(kind, "app.kubernetes.io/managed-by=" + life->description.options().name);
      }
    }
  }
  for (auto one = applied_.rbegin(); one != applied_.rend(); ++one) {
    if (one->first == kube::NamespaceKind()) continue;
    world_->Do([&](const Context& context) { (void)client().Delete(one->first, one->second, {}, context); });
    (void)Until([&] { return !Get(one->first, one->second); }, seconds(20));
  }
  for (const auto& [kind, label] : made) {
    world_->Do([&, &of = kind, &selector = label](const Context& context) {
      kube::ListOptions options;
      options.label_selector = selector;
      const auto left = client().ListAll(of, "", options, context);
      for (const kube::Object& object : left ? *left : std::vector<kube::Object>())
        (void)client().Delete(of, object.key(), {}, context);
    });
  }
}

bool Cluster::real() const { return world_->real(); }
kube::Client& Cluster::client() { return *world_->client; }
Scheduler& Cluster::scheduler() { return world_->scheduler(); }
WallTime Cluster::now() const { return world_->scheduler().WallNow(); }
RunningOperator* Cluster::running() { return lives_.empty() ? nullptr : &lives_.back()->running; }

// ---- What people and other programs do ----

Result<kube::Object> Cluster::Apply(std::string_view manifest) {
  CAPSTAN_TRY(auto documents, ParseYaml(manifest));
  if (documents.empty()) return capstan::Fail(Code::kInvalidArgument, "the manifest has no document");
  Result<kube::Object> last = capstan::Fail(Code::kInternal, "nothing was applied");
  for (Json& document : documents) {
    last = ApplyDocument(std::move(document));
    if (!last) return last;
  }
  return last;
}

Result<kube::Object> Cluster::ApplyFile(const std::string& path) {
  CAPSTAN_TRY(const std::string manifest, MakeSystemFiles()->Read(path));
  return Apply(manifest);
}

Result<kube::Object> Cluster::ApplyDocument(Json document) {
  const std::string version = document["apiVersion"].AsString(), name = document["kind"].AsString();
  Result<kube::ServedResource> served = capstan::Fail(Code::kInternal, "not looked for");
  world_->Do([&](const Context& context) { served = kube::FindKind(client(), version, name, context); });
  if (!served) return capstan::Fail(served.error());
  const Json& metadata = document["metadata"];
  const kube::ObjectKey key{served->kind.namespaced ? metadata["namespace"].AsString("default") : "",
                            metadata["name"].AsString()};
  return Apply(served->kind, key, std::move(document));
}

Result<kube::Object> Cluster::Apply(const kube::Kind& kind, const kube::ObjectKey& key, Json body) {
  Json metadata = body["metadata"];
  metadata.Set("name", key.name);
  if (!key.namespace_.empty()) metadata.Set("namespace", key.namespace_);
  body.Set("apiVersion", kind.api_version()).Set("kind", kind.kind).Set("metadata", metadata);
  Result<kube::Object> done = capstan::Fail(Code::kInternal, "not applied");
  kube::PatchOptions options;
  options.force = true;
  world_->Do([&](const Context& context) {
    done = client().Patch(kind, key, kube::PatchType::kApply, body.ToText(), options, context);
  });
  if (!done) return done;
  if (real()) applied_.emplace_back(kind, key);
  if (kind == kube::CustomResourceDefinitionKind()) {
    const std::string version = body["spec"]["versions"].items().empty()
                                    ? ""
                                    : body["spec"]["versions"].items()[0]["name"].AsString();
    const std::string group_version = StrCat(body["spec"]["group"].AsString(), "/", version);
    (void)Until(
        [&] {
          bool served = false;
          world_->Do([&](const Context& context) {
            served =
                kube::FindKind(client(), group_version, body["spec"]["names"]["kind"].AsString(), context)
                    .has_value();
          });
          return served;
        },
        seconds(10));
  }
  Settle();
  return done;
}

Result<kube::Object> Cluster::Patch(const kube::Kind& kind, const kube::ObjectKey& key,
                                    std::string_view patch, const std::string& subresource) {
  Result<kube::Object> done = capstan::Fail(Code::kInternal, "not patched");
  kube::PatchOptions options;
  options.subresource = subresource;
  world_->Do([&](const Context& context) {
    done = client().Patch(kind, key, kube::PatchType::kMerge, std::string(patch), options, context);
  });
  Settle();
  return done;
}

Status Cluster::Delete(const kube::Kind& kind, const kube::ObjectKey& key) {
  const auto before = Get(kind, key);
  Status done;
  world_->Do([&](const Context& context) { done = client().Delete(kind, key, {}, context); });
  if (!done) return done;
  // One that is made again at once has another uid.
  const bool gone = Until(
      [&] {
        const auto there = Get(kind, key);
        return !there || !before || there->uid() != before->uid();
      },
      seconds(30));
  Settle();
  if (gone) return {};
  return capstan::Fail(Code::kDeadlineExceeded,
                       StrCat(kind.kind, " ", key, " is still there after half a minute"));
}

// ---- What is there ----

std::optional<kube::Object> Cluster::Get(const kube::Kind& kind, const kube::ObjectKey& key) {
  std::optional<kube::Object> found;
  world_->Do([&](const Context& context) {
    if (auto object = client().Get(kind, key, context)) found = std::move(*object);
  });
  return found;
}

std::vector<kube::Object> Cluster::List(const kube::Kind& kind, const std::string& namespace_) {
  std::vector<kube::Object> found;
  world_->Do([&](const Context& context) {
    if (auto objects = client().ListAll(kind, namespace_, {}, context)) found = std::move(*objects);
  });
  return found;
}

std::string Cluster::Condition(const kube::Kind& kind, const kube::ObjectKey& key, const std::string& type) {
  const auto object = Get(kind, key);
  const auto condition = object ? kube::ConditionIn(*object, type) : std::nullopt;
  return condition ? condition->status : "";
}

std::vector<std::string> Cluster::Events(const std::string& kind, const kube::ObjectKey& key) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const kube::Object& event : List(kube::EventKind())) {
    if (event.StringAt("/involvedObject/kind") != kind ||
        event.StringAt("/involvedObject/name") != key.name ||
        event.StringAt("/involvedObject/namespace").value_or("") != key.namespace_) {
      continue;
    }
    found.emplace_back(event.StringAt("/firstTimestamp").value_or(""),
                       event.StringAt("/message").value_or(""));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> messages;
  for (auto& [when, message] : found) messages.push_back(std::move(message));
  return messages;
}

bool Cluster::Gone(const kube::Kind& kind, const kube::ObjectKey& key) {
  return Until([&] { return !Get(kind, key); }, seconds(30));
}

void Cluster::Route(const std::string& authority, http::Handler& handler) {
  world_->outside().Route(authority, &handler);
}

// ---- The operator ----

void Cluster::BeginLife(const Operator& description) {
  lives_.push_back(std::make_unique<Life>(*world_, description, ++begun_));
  lives_.back()->running.Start();
}

void Cluster::Start(const Operator& description) {
  if (const Status fit = description.Check(); !fit) Die(fit.error().message);
  BeginLife(description);
  Settle();
}

void Cluster::Stop() {
  for (const auto& life : lives_) (void)life->running.Stop();
  lives_.clear();
}

void Cluster::ReplaceTheDead() {
  for (std::size_t i = 0; i < lives_.size(); ++i) {
    if (!lives_[i]->dead) continue;
    const Operator& description = lives_[i]->description;
    lives_.erase(lives_.begin() + static_cast<std::ptrdiff_t>(i));
    ++crashes_;
    (void)world_->Pass([] { return false; }, seconds(1));
    BeginLife(description);
    i = static_cast<std::size_t>(-1);
  }
}

// ---- Time ----

bool Cluster::Until(const std::function<bool()>& done, Duration limit) {
  const Instant until = After(world_->scheduler().Now(), limit);
  const auto dead = [this] {
    return std::any_of(lives_.begin(), lives_.end(), [](const auto& life) { return life->dead.load(); });
  };
  for (;;) {
    ReplaceTheDead();
    if (done()) return true;
    const Duration rest = until - world_->scheduler().Now();
    if (rest <= Duration::zero()) return false;
    (void)world_->Pass(dead, std::min<Duration>(milliseconds(100), rest));
  }
}

void Cluster::Run(Duration time) {
  if (real()) time = std::min(time, kLongestRealRun);
  const Instant until = After(world_->scheduler().Now(), time);
  for (;;) {
    ReplaceTheDead();
    const Duration rest = until - world_->scheduler().Now();
    if (rest <= Duration::zero()) return;
    (void)world_->Pass(
        [this] {
          return std::any_of(lives_.begin(), lives_.end(),
                             [](const auto& life) { return life->dead.load(); });
        },
        rest);
  }
}

void Cluster::Settle() {
  // At rest is who had nothing to do five looks in a row.
  int quiet = 0;
  (void)Until(
      [&] {
        const bool idle =
            std::all_of(lives_.begin(), lives_.end(), [](const auto& life) { return life->running.idle(); });
        quiet = idle ? quiet + 1 : 0;
        return quiet > 5 || lives_.empty();
      },
      std::chrono::minutes(1));
}

// ---- Trouble ----

void Cluster::Crash() {
  for (const auto& life : lives_) life->dead = true;
  ReplaceTheDead();
  Settle();
}

void Cluster::Crash(int write) { world_->trouble.DieAt(write); }

void Cluster::Cut() { world_->trouble.Cut(true); }

void Cluster::Mend() {
  world_->trouble.Cut(false);
  Settle();
}

void Cluster::Compact() {
  world_->Compact();
  world_->trouble.BreakStreams(true);
  Settle();
}

void Cluster::Fail(FailingRequests failing) {
  world_->trouble.Fail({std::move(failing.verb), std::move(failing.resource), failing.status,
                        failing.committed, failing.times});
}

void Cluster::TakeRights(const kube::Kind& kind, std::vector<std::string> verbs) {
  world_->trouble.TakeRights(kind, std::move(verbs));
}

void Cluster::GiveRights() { world_->trouble.GiveRights(); }

// ---- What happened ----

std::vector<std::string> Cluster::Requests() const {
  std::vector<std::string> lines;
  for (const auto& noted : world_->trouble.Requests())
    lines.push_back(StrCat(noted.life, " ", noted.request.ToString(), " ", noted.result));
  return lines;
}

int Cluster::Writes() const {
  int writes = 0;
  for (const auto& noted : world_->trouble.Requests()) {
    const std::string& resource = noted.request.resource;
    if (noted.request.writes() && resource != kube::EventKind().resource() &&
        resource != kube::LeaseKind().resource()) {
      ++writes;
    }
  }
  return writes;
}

std::string Cluster::Log() const {
  std::string text;
  for (const std::string& line : world_->log.Lines()) text += line + "\n";
  return text;
}

bool Cluster::Logged(std::string_view text) const { return world_->log.Contains(text); }

}  // namespace capstan::testing
