#include <capstan/tests/scale/fleet.hpp>

#include <atomic>
#include <stdexcept>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/providers/digitalocean/provider.hpp>

namespace capstan::scale {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kServer[] = "http://kubernetes.test";
constexpr char kCloud[] = "api.digitalocean.com";
constexpr char kOwner[] = "owner-1";
constexpr int kPerMinute = 200;  // for requests during the setup

[[noreturn]] void Stop(const std::string& what, const Error& error) {
  throw std::runtime_error(StrCat(what, ": ", error.message));
}
template <class T>
void Must(const Result<T>& result, const std::string& what) {
  if (!result) Stop(what, result.error());
}

simulated_digitalocean::CloudOptions Options(const FleetOptions& fleet) {
  simulated_digitalocean::CloudOptions options;
  for (int i = 0; i < fleet.accounts; ++i) {
    simulated_digitalocean::AccountOptions account;
    account.uuid = StrCat("b6fc48dbf6d9906cace5f3c78dc9851e75738", 100 + i);
    account.team_uuid = StrCat("team-", i);
    account.droplet_limit = 1'000'000;
    account.tokens = {{Secret(Fleet::Token(i)), {}}, {Secret(Fleet::Token(i) + "_stage"), {}}};
    options.accounts.push_back(account);
  }
  options.rate_limit = fleet.limits;
  return options;
}

http::QuotaOptions Known() {
  http::QuotaOptions options;
  for (const auto& quota : digitalocean::MakeManifest().quotas) {
    options.hosts[quota.host] = {quota.per_minute, quota.limit_header, quota.remaining_header,
                                 quota.reset_header};
  }
  return options;
}

std::string StatusAndReason(const kube::Object& object, const std::string& type) {
  const auto condition = kube::ConditionIn(object, type);
  return condition ? StrCat(condition->status, "/", condition->reason) : "";
}

std::string Spec(int account) {
  return StrCat(R"("region":"fra1","version":"1.33","tokenSecret":"token-)", account,
                R"(","nodePools":[{"name":"main","size":"s-2vcpu-4gb","count":2}])");
}

}  // namespace

class Fleet::Silent final : public runtime::EventRecorder {
 public:
  void Record(const kube::Kind&, const kube::Object&, runtime::EventType, const std::string&,
              const std::string&, const Context&) override {}
};

class Fleet::Counted final : public http::ForwardingTransport {
 public:
  using ForwardingTransport::ForwardingTransport;
  std::atomic<std::uint64_t> count{0};

 private:
  Status Admit(const http::Request&, const Context&) override {
    ++count;
    return {};
  }
};

std::string Fleet::Name(int number) { return StrCat("c-", 10000 + number); }
std::string Fleet::Token(int account) { return StrCat("dop_v1_", account); }

Fleet::Fleet(FleetOptions options)
    : options_(std::move(options)),
      random_(MakeSeededRandom(7)),
      cloud(Options(options_), scheduler, *random_),
      contract_([this] {
        auto contract = simulated_digitalocean::ContractGuard::Make(
            cloud, simulated_digitalocean::ReadContract(*MakeSystemFiles(), *MakeSystemProcess()).value(),
            options_.violation);
        Must(contract, "the contract");
        return std::move(*contract);
      }()),
      info_(digitalocean::MakeManifest().kinds.front()),
      kind_(managed::KindOf(info_)),
      storage_(apiserver::MakeMemoryStorage()),
      kubernetes_(scheduler, {milliseconds(2)}),
      wire_(scheduler, {milliseconds(60)}),
      counted_(std::make_unique<Counted>(kubernetes_)),
      quota_(wire_, scheduler, Known()),
      admin_(
          [this]() -> http::Transport& {
            auto api = apiserver::ApiServer::Start(scheduler, *random_, log_, *storage_, {});
            if (!api) Stop("the API server does not start", api.error());
            api_ = std::move(*api);
            direct_api_ = std::make_unique<simulation::DirectTransport>(*api_);
            direct_cloud_ = std::make_unique<simulation::DirectTransport>(contract_->handler());
            kubernetes_.Route("kubernetes.test", api_.get());
            wire_.Route(kCloud, &contract_->handler());
            return *direct_api_;
          }(),
          scheduler, {kServer, "test", seconds(30)}),
      client_(*counted_, scheduler, {kServer, "test", seconds(30)}),
      events_(std::make_unique<Silent>()),
      metrics_(runtime::MakePrometheusMetrics()),
      manager_({client_, scheduler, *random_, log_, *metrics_}),
      lister_(manager_.ListerOf(kind_)) {
  Must(admin_.Create(kube::CustomResourceDefinitionKind(), "", digitalocean::MakeManifest().crds.front(), {}),
       "the CRD");
  for (const char* name : {"shop", "capstan-system"}) {
    Must(admin_.Create(kube::NamespaceKind(), "",
                       StrCat(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":")", name, "\"}}"),
                       {}),
         "a namespace");
  }
  for (int i = 0; i < options_.accounts; ++i) {
    Must(admin_.Create(kube::SecretKind(), "shop",
                       StrCat(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"token-)", i,
                              R"("},"data":{"token":")", Base64Encode(Token(i)), "\"}}"),
                       {}),
         "a Secret");
  }
  auto provider = digitalocean::MakeProvider("", quota_, scheduler, *random_, log_);
  Must(provider, "the provider");
  provider_ = std::move(*provider);
  managed::ManagedOptions managed;
  managed.owner_id = kOwner;
  runtime::ControllerOptions controller;
  controller.name = "fleet";
  controller.workers = options_.workers;
  manager_.AddController(
      controller, kind_,
      std::make_unique<managed::ManagedReconciler>(
          info_, managed::ManagedParts{client_, *provider_, scheduler, *random_, fence_, *events_, log_},
          managed));
  scheduler.RunFor(seconds(1));
}

Fleet::~Fleet() { manager_.Stop(Duration::zero()); }

void Fleet::StartOperator() { manager_.Start(); }

void Fleet::CreateObject(int number, int account) {
  Must(admin_.Create(kind_, "shop",
                     StrCat(R"({"apiVersion":")", kind_.api_version(), R"(","kind":")", kind_.kind,
                            R"(","metadata":{"name":")", Name(number), R"("},"spec":{)", Spec(account), "}}"),
                     {}),
       "an object");
}

void Fleet::Delete(int number) {
  const Status gone = admin_.Delete(kind_, {"shop", Name(number)}, {}, {});
  if (!gone) Stop("a deletion", gone.error());
}

void Fleet::CreateLongRunning(int from, int to, int account) {
  auto provider = digitalocean::MakeProvider("", *direct_cloud_, scheduler, *random_, log_);
  Must(provider, "a provider");
  auto connected =
      (*provider)->Connect(info_.kind, {{{"token", Secret(Token(account) + "_stage")}}}, Context{});
  Must(connected, "a connection");
  for (int i = from; i < to; ++i) {
    if ((i - from) % kPerMinute == kPerMinute - 1) scheduler.RunFor(minutes(1) + seconds(1));
    CreateObject(i, account);
    const auto object = admin_.Get(kind_, {"shop", Name(i)}, {});
    Must(object, "an object");
    const external::Identity identity{managed::kIdentityPrefix + object->uid(),
                                      StrCat(managed::kOwnerPrefix, kOwner), "", ""};
    const auto made = (*connected)
                          ->Create(identity,
                                   StrCat(R"({"name":")", Name(i), R"(","namespace":"shop","uid":")",
                                          object->uid(), R"(","spec":{)", Spec(account), "}}"),
                                   Context{});
    if (made.verdict != external::Verdict::kDone) Stop("a cluster", made.error.value_or(Error{}));
    Must(admin_.Patch(kind_, object->key(), kube::PatchType::kMerge,
                      StrCat(R"({"metadata":{"finalizers":[")", managed::kFinalizer, "\"]}}"), {}, {}),
         "a finalizer");
    Must(admin_.Patch(kind_, object->key(), kube::PatchType::kMerge,
                      StrCat(R"({"status":{"external":{"id":")", made.id, R"(","account":"team-)", account,
                             R"(","attempts":1,"recordedAt":")", FormatRfc3339(scheduler.WallNow()), "\"}}}"),
                      kube::PatchOptions{"status", false, false}, {}),
         "a record");
  }
  scheduler.RunFor(minutes(5));
}

void Fleet::SendRequests(int account, int requests) {
  http::Request request;
  request.method = "GET";
  request.url = StrCat("https://", kCloud, "/v2/account");
  request.headers.Set("Authorization", "Bearer " + Token(account));
  for (int i = 0; i < requests; ++i) {
    if (i % kPerMinute == kPerMinute - 1) scheduler.RunFor(minutes(1));
    (void)direct_cloud_->Send(request, Context{});
  }
}

std::string Fleet::Condition(int number, const std::string& type) const {
  const auto object = lister_.Get({"shop", Name(number)});
  return object && *object ? StatusAndReason(**object, type) : "";
}

std::string Fleet::ClusterId(int number) const {
  const auto object = lister_.Get({"shop", Name(number)});
  return object && *object ? (*object)->StringAt("/status/external/id").value_or("") : "";
}

int Fleet::Count(const std::string& ready, const std::string& synced) const {
  int count = 0;
  for (const auto& stored : lister_.List()) {
    const auto object = stored.Load();
    if (!object) continue;
    if (StatusAndReason(*object, "Ready") == ready && StatusAndReason(*object, "Synced") == synced) ++count;
  }
  return count;
}

std::optional<Duration> Fleet::Until(const std::function<bool()>& done, Duration limit, Duration step) {
  const Instant begun = scheduler.Now();
  while (scheduler.Now() - begun < limit) {
    if (done()) return scheduler.Now() - begun;
    scheduler.RunFor(step);
  }
  return done() ? std::optional<Duration>(scheduler.Now() - begun) : std::nullopt;
}

std::uint64_t Fleet::Requests() const {
  std::uint64_t sum = 0;
  for (const auto& [operation, count] : cloud.RequestCounts()) sum += count;
  return sum;
}

std::uint64_t Fleet::KubernetesRequests() const { return counted_->count; }

std::string Fleet::RequestsByOperation() const {
  std::string text;
  for (const auto& [operation, count] : cloud.RequestCounts())
    text += StrCat("  ", operation, ": ", count, "\n");
  return text;
}

}  // namespace capstan::scale
