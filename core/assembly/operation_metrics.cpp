#include <capstan/core/assembly/operation_metrics.hpp>

#include <string>
#include <type_traits>
#include <utility>

#include <capstan/core/external/forwarding.hpp>

namespace capstan::assembly {
namespace {

using external::Outcome;

class MeasuredExternal final : public external::ForwardingExternal {
 public:
  MeasuredExternal(std::unique_ptr<external::External> next, std::string plugin, std::string kind,
                   const Clock& clock, runtime::Metrics& metrics)
      : ForwardingExternal(std::move(next)),
        plugin_(std::move(plugin)),
        kind_(std::move(kind)),
        clock_(clock),
        metrics_(metrics) {}

  Result<external::Account> WhoAmI(const Context& context) override {
    return Ask("who_am_i", [&] { return next().WhoAmI(context); });
  }
  Result<std::vector<external::Observed>> Find(const external::Identity& identity, const std::string& desired,
                                               const Context& context) override {
    return Ask("find", [&] { return next().Find(identity, desired, context); });
  }
  Result<std::optional<external::Observed>> Get(const std::string& id, const Context& context) override {
    const Instant begun = clock_.Now();
    auto answer = next().Get(id, context);
    Count("get", !answer ? CodeName(answer.error().code) : *answer ? "ok" : "not_found", begun);
    return answer;
  }
  Outcome Create(const external::Identity& identity, const std::string& desired,
                 const Context& context) override {
    return Do("create", [&] { return next().Create(identity, desired, context); });
  }
  Outcome Adopt(const std::string& id, const external::Identity& identity, const Context& context) override {
    return Do("adopt", [&] { return next().Adopt(id, identity, context); });
  }
  Result<std::vector<external::Associated>> ListAssociated(const std::string& id,
                                                           const Context& context) override {
    return Ask("list_associated", [&] { return next().ListAssociated(id, context); });
  }
  Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                 const Context& context) override {
    return Do("delete", [&] { return next().Delete(id, options, context); });
  }
  Result<external::Page> List(const std::string& cursor, const Context& context) override {
    return Ask("list", [&] { return next().List(cursor, context); });
  }
  Outcome Apply(const std::string& id, const external::Step& step, const external::Identity& identity,
                const Context& context) override {
    return Do("apply", [&] { return next().Apply(id, step, identity, context); });
  }
  Result<external::Connection> ReadConnection(const std::string& id, const std::string& desired,
                                              const Context& context) override {
    return Ask("connect", [&] { return next().ReadConnection(id, desired, context); });
  }
  Result<std::vector<external::Notice>> Notices(const std::string& id, const std::string& since,
                                                const Context& context) override {
    return Ask("notices", [&] { return next().Notices(id, since, context); });
  }
  Result<std::vector<external::Offer>> Offers(const std::string& catalog, const Context& context) override {
    return Ask("offers", [&] { return next().Offers(catalog, context); });
  }

 private:
  template <class Call>
  std::invoke_result_t<const Call&> Ask(const char* operation, const Call& call) {
    const Instant begun = clock_.Now();
    auto answer = call();
    Count(operation, answer ? "ok" : CodeName(answer.error().code), begun);
    return answer;
  }
  template <class Call>
  Outcome Do(const char* operation, const Call& call) {
    const Instant begun = clock_.Now();
    Outcome outcome = call();
    Count(operation, external::VerdictName(outcome.verdict), begun);
    return outcome;
  }
  void Count(const char* operation, std::string_view outcome, Instant begun) {
    metrics_
        .counter("capstan_external_operations_total", "Operations on clouds, by outcome.",
                 {{"plugin", plugin_},
                  {"kind", kind_},
                  {"operation", operation},
                  {"outcome", std::string(outcome)}})
        .Add();
    metrics_
        .histogram("capstan_external_operation_duration_seconds",
                   "How long an operation took, including its wait for quota.",
                   {{"plugin", plugin_}, {"operation", operation}})
        .Observe(std::chrono::duration<double>(clock_.Now() - begun).count());
  }

  const std::string plugin_, kind_;
  const Clock& clock_;
  runtime::Metrics& metrics_;
};

class MeasuredProvider final : public external::ForwardingProvider {
 public:
  MeasuredProvider(std::unique_ptr<external::Provider> next, const Clock& clock, runtime::Metrics& metrics)
      : ForwardingProvider(std::move(next)), clock_(clock), metrics_(metrics) {}
  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context& context) override {
    CAPSTAN_TRY(auto made, next().Connect(kind, credentials, context));
    return std::make_unique<MeasuredExternal>(std::move(made), manifest().name, kind, clock_, metrics_);
  }

 private:
  const Clock& clock_;
  runtime::Metrics& metrics_;
};

}  // namespace

std::unique_ptr<external::Provider> MeasureOperations(std::unique_ptr<external::Provider> provider,
                                                      const Clock& clock, runtime::Metrics& metrics) {
  return std::make_unique<MeasuredProvider>(std::move(provider), clock, metrics);
}

}  // namespace capstan::assembly
