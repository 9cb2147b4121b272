#include <capstan/testing/cluster.hpp>

#include <algorithm>
#include <cstdlib>

#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/discovery.hpp>
#include <capstan/testing/worlds/embedded_world.hpp>
#include <capstan/testing/yaml.hpp>

namespace capstan::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// In real time, Run does not wait for an hour.
constexpr Duration kLongestRealRun = seconds(3);
}  // namespace

Cluster::Cluster(ClusterOptions options) {
  if (options.kubeconfig.empty()) {
    const char* named = std::getenv("CAPSTAN_TEST_KUBECONFIG");
    if (named != nullptr) options.kubeconfig = named;
  }
  if (options.kubeconfig.empty()) {
    world_ = std::make_unique<EmbeddedWorld>(options.seed, SeededSchedule(options.seed));
  } else {
    world_ = MakeRealWorld(options.kubeconfig);
  }
}

Cluster::Cluster(std::unique_ptr<World> world) : world_(std::move(world)) {}

Cluster::~Cluster() {
  if (real()) CleanUp();
  Stop();
}

// Without a controller-manager, nobody else garbage-collects the operator's objects, and a deleted
// namespace refuses objects for ever: namespaces are emptied and left for the next test.
void Cluster::CleanUp() {
  Mend();
  GiveRights();
  std::vector<std::pair<kube::Kind, std::string>> made;  // and the label that identifies them
  for (const auto& life : lives_) {
    for (const ControllerSpec* spec : life->description().controllers()) {
      for (const auto* kinds : {&spec->owns, &spec->makes}) {
        for (const kube::Kind& kind : *kinds)
          made.emplace_back(kind, "app.kubernetes.io/managed-by=" + life->description().options().name);
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
kube::Client& Cluster::client() { return world_->client(); }
Scheduler& Cluster::scheduler() { return world_->scheduler(); }
WallTime Cluster::now() const { return world_->scheduler().WallNow(); }
RunningOperator* Cluster::running() { return lives_.empty() ? nullptr : &lives_.back()->running(); }

// ---- Actions of users and other programs ----

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
  // An object that is immediately recreated has another uid.
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

// ---- State ----

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

void Cluster::Route(const std::string& authority, std::shared_ptr<http::Handler> handler) {
  Route(authority, *handler);
  handlers_[authority] = std::move(handler);
}

http::Handler* Cluster::handler(const std::string& authority) const {
  const auto found = handlers_.find(authority);
  return found == handlers_.end() ? nullptr : found->second.get();
}

// ---- The operator ----

void Cluster::BeginLife(const Operator& description) {
  lives_.push_back(world_->Begin(description, ++begun_));
  lives_.back()->running().Start();
}

void Cluster::Start(const Operator& description) {
  if (const Status fit = description.Check(); !fit) EndOfTest(fit.error().message);
  BeginLife(description);
  Settle();
}

void Cluster::Stop() {
  for (const auto& life : lives_) (void)life->running().Stop();
  lives_.clear();
}

bool Cluster::LivesChange() const {
  return world_->WantsReplicas() ||
         std::any_of(lives_.begin(), lives_.end(), [](const auto& life) { return life->dead(); });
}

void Cluster::ChangeLives() {
  for (int more = world_->TakeWantedReplicas(); more > 0 && !lives_.empty(); --more)
    BeginLife(lives_.back()->description());
  for (std::size_t i = 0; i < lives_.size(); ++i) {
    if (!lives_[i]->dead()) continue;
    std::unique_ptr<Life> dead = std::move(lives_[i]);
    lives_.erase(lives_.begin() + static_cast<std::ptrdiff_t>(i));
    const Operator& description = dead->description();
    dead.reset();
    ++crashes_;
    (void)world_->Pass([] { return false; }, seconds(1));
    BeginLife(description);
    i = static_cast<std::size_t>(-1);
  }
}

// ---- Time ----

bool Cluster::Until(const std::function<bool()>& done, Duration limit) {
  if (world_->still()) return done();
  const Instant until = After(world_->scheduler().Now(), limit);
  for (;;) {
    ChangeLives();
    if (done()) return true;
    const Duration rest = until - world_->scheduler().Now();
    if (rest <= Duration::zero()) return false;
    (void)world_->Pass([this] { return LivesChange(); }, std::min<Duration>(milliseconds(100), rest));
  }
}

void Cluster::Run(Duration time) {
  if (world_->still()) return;
  if (real()) time = std::min(time, kLongestRealRun);
  const Instant until = After(world_->scheduler().Now(), time);
  for (;;) {
    ChangeLives();
    const Duration rest = until - world_->scheduler().Now();
    if (rest <= Duration::zero()) return;
    (void)world_->Pass([this] { return LivesChange(); }, rest);
  }
}

void Cluster::Settle() {
  // The operator has settled if it was idle in five consecutive checks.
  int quiet = 0;
  (void)Until(
      [&] {
        const bool idle = std::all_of(lives_.begin(), lives_.end(),
                                      [](const auto& life) { return life->running().idle(); });
        quiet = idle ? quiet + 1 : 0;
        return quiet > 5 || lives_.empty();
      },
      std::chrono::minutes(1));
}

// ---- Faults ----

void Cluster::Crash() {
  for (const auto& life : lives_) life->Kill();
  ChangeLives();
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

// ---- History ----

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
