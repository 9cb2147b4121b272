#include <capstan/simulation/world.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/simulation/engine/direct_transport.hpp>
#include <capstan/simulation/engine/interference.hpp>

namespace capstan::simulation {

namespace {

// Building the schemas of built-in kinds takes most of a start, and they never change.
apiserver::ApiServerOptions ServerOptions(bool collects_garbage) {
  static const auto schemas = apiserver::MakeBuiltinSchemas();
  apiserver::ApiServerOptions options;
  options.schemas = schemas;
  options.garbage_collection = collects_garbage;
  return options;
}

}  // namespace

World::World(WorldOptions wanted)
    : options(std::move(wanted)), scheduler(Steered(options.policy, next_pick)), subject(options.name) {
  if (options.managed.owner_id.empty()) options.managed.owner_id = "owner-1";
  random_ = MakeSeededRandom(options.uids != 0 ? options.uids : options.seed);
  storage_ = std::make_unique<DigestedStorage>(StrCat("/", options.managed.operator_namespace, "/capstan"));
  auto api = apiserver::ApiServer::Start(scheduler, *random_, log, *storage_,
                                         ServerOptions(options.collects_garbage));
  if (!api) {
    violations.push_back("the API server does not start: " + api.error().message);
    return;
  }
  api_ = std::move(*api);
  cloud = options.make_cloud(options.cloud, scheduler);
  network_ = std::make_unique<http::LoopbackTransport>(scheduler);
  gate_ = std::make_unique<StreamGate>(*api_);
  network_->Route(kubernetes, gate_.get());
  network_->Route(cloud->authority(), &cloud->handler());
  direct_ = std::make_unique<DirectTransport>(*api_);
  kube::ClientOptions client;
  client.server = "http://" + kubernetes;
  admin_ = std::make_unique<kube::Client>(*direct_, scheduler, client);

  DirectTransport nowhere(cloud->handler());
  kind = managed::KindOf(cloud->MakeProvider(nowhere, scheduler)->manifest().kinds.front());
  const auto crd = admin_->Create(kube::CustomResourceDefinitionKind(), "",
                                  options.crd.empty() ? cloud->crd() : options.crd, {});
  if (!crd) Violate("the CRD is refused: " + crd.error().message);
  for (const char* name : {"shop", "capstan-system"}) {
    (void)admin_->Create(
        kube::NamespaceKind(), "",
        StrCat(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":")", name, "\"}}"), {});
  }
  scheduler.RunReady();
  effects.fresh_read = StrCat("/", kind.plural, "/");
  effects.strike = [this](Mishap mishap, Life& life, const Effect& effect) { Strike(mishap, life, effect); };
}

World::~World() {
  effects.script = nullptr;  // lives act while they stop, and what a test's script refers to is gone
  for (auto& life : lives_) life->Stop();
  lives_.clear();
}

void World::Violate(const std::string& what) {
  if (std::find(violations.begin(), violations.end(), what) == violations.end()) violations.push_back(what);
}

Life& World::StartLife() {
  leader = static_cast<int>(lives_.size()) + 1;
  takeover_.reset();
  if (options.make_life) {
    lives_.push_back(options.make_life(*this, leader));
    return *lives_.back();
  }
  lives_.push_back(options.full ? MakeFullLife(*this, leader) : MakeShortLife(*this, leader));
  return *lives_.back();
}

std::size_t World::living() const {
  return static_cast<std::size_t>(
      std::count_if(lives_.begin(), lives_.end(), [](const auto& life) { return !life->dead(); }));
}

void World::CutWatches() { gate_->Cut(); }

bool World::RunUntil(const std::function<bool()>& done, Duration limit) {
  const Instant end = After(scheduler.Now(), limit);
  // The awaited condition depends on the servers and on time, so it is evaluated when they have
  // changed.
  std::uint64_t revision = 0;
  std::size_t seen = 0;
  Instant looked{};
  const auto changed = [&] {
    const bool same = api_->revision() == revision && effects.effects.size() == seen &&
                      scheduler.Now() - looked < std::chrono::seconds(1);
    if (same) return false;
    revision = api_->revision();
    seen = effects.effects.size();
    looked = scheduler.Now();
    return true;
  };
  const auto reached = [&] { return changed() && done(); };
  while (scheduler.Now() < end) {
    const auto interrupted = [&] { return (life() != nullptr && life()->dead()) || takeover_ || reached(); };
    bool finished = takeover_ ? scheduler.RunUntil(reached, std::min(end, *takeover_) - scheduler.Now())
                              : scheduler.RunUntil(interrupted, end - scheduler.Now());
    if (takeover_) {
      if (scheduler.Now() >= *takeover_) StartLife();
      finished = done();
      if (!finished) continue;
    }
    if (life() != nullptr && life()->dead()) {
      life()->Stop();
      scheduler.RunFor(restart);
      StartLife();
      continue;
    }
    if (finished) return true;
  }
  return done();
}

Status World::MakeSecret(const std::string& name, const std::string& token) {
  const std::string text = StrCat(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":")", name,
                                  R"("},"data":{"token":")", Base64Encode(token), "\"}}");
  auto made = admin_->Create(kube::SecretKind(), "shop", text, {});
  if (made) return {};
  if (made.error().code != Code::kAlreadyExists) return Fail(made.error());
  return Patch(kube::SecretKind(), name, StrCat(R"({"data":{"token":")", Base64Encode(token), "\"}}"));
}

Status World::Apply(const std::string& name, const std::string& spec) {
  const kube::ObjectKey key{"shop", name};
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  if (Get(name)) return Patch(kind, name, StrCat(R"({"spec":{)", spec, "}}"));
  auto made = admin_->Create(kind, "shop",
                             StrCat(R"({"apiVersion":")", kind.api_version(), R"(","kind":")", kind.kind,
                                    R"(","metadata":{"name":")", name, R"("},"spec":{)", spec, "}}"),
                             {});
  if (life() != nullptr) life()->ReconcileAll();
  return made ? Status() : Status(Fail(made.error()));
}

Status World::Patch(const kube::Kind& which, const std::string& name, const std::string& merge_patch) {
  auto patched = admin_->Patch(which, {"shop", name}, kube::PatchType::kMerge, merge_patch, {}, {});
  if (life() != nullptr) life()->ReconcileAll();
  return patched ? Status() : Status(Fail(patched.error()));
}

Status World::Delete(const std::string& name) {
  const Status done = admin_->Delete(kind, {"shop", name}, {}, {});
  if (life() != nullptr) life()->ReconcileAll();
  return done;
}

std::optional<kube::Object> World::Get(const std::string& name) { return Get(kind, name); }

std::optional<kube::Object> World::Get(const kube::Kind& which, const std::string& name) {
  // The same objects are read after every effect and every second.
  if (got_at_ != storage_->changes()) got_.clear();
  got_at_ = storage_->changes();
  const auto [got, first] = got_.try_emplace(StrCat(which.plural, "/", name));
  if (first) {
    if (auto object = admin_->Get(which, {"shop", name}, {})) got->second = std::move(*object);
  }
  return got->second;
}

std::string World::ConditionOf(const std::string& name, const std::string& type) {
  const auto object = Get(name);
  const auto condition = object ? kube::ConditionIn(*object, type) : std::nullopt;
  return condition ? StrCat(condition->status, "/", condition->reason) : "";
}

}  // namespace capstan::simulation
