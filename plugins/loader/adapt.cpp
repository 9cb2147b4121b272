#include <capstan/plugins/loader/adapt.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/plugins/loader/calls/adapt_external.hpp>
#include <capstan/plugins/loader/calls/call.hpp>

namespace capstan::loader {
namespace {

class PluginProvider final : public external::Provider {
 public:
  PluginProvider(std::shared_ptr<const Plugin> plugin, const std::string& config, const Seams& seams,
                 AdaptOptions options)
      : plugin_(std::move(plugin)), clock_(seams.scheduler), options_(options) {
    const std::string& name = plugin_->manifest().name;
    LenderOptions lend;
    lend.plugin = name;
    lend.call_memory = options.call_memory;
    lend.remedy = options.remedy;
    lender_ = std::make_shared<Lender>(seams, AllowedHosts(plugin_->manifest().allowed_hosts, config), lend);
    LanesOptions lanes;
    lanes.count = plugin_->manifest().max_concurrency;
    lanes.grace = options.grace;
    lanes_ = std::make_unique<Lanes>(seams.scheduler, name, lanes);
    instance_ = std::make_shared<Instance>(plugin_, lender_);
  }
  ~PluginProvider() override {
    lanes_.reset();
    instance_.reset();
    // From here on, abandoned calls cannot reach the seams.
    lender_->Close();
  }

  Status Configure(const std::string& config) {
    Caller caller(*lanes_, clock_, instance_, options_, "create_instance", Context{});
    const capstan_text_t document = caller.input().Text(config);
    const auto out =
        caller.Run<capstan_instance_t>([instance = instance_, create = plugin_->operations().create_instance,
                                        document](capstan_call_t* call, Out<capstan_instance_t>& to) {
          const std::int32_t verdict = create(instance->lender->host(), call, document, &to.value, &to.error);
          // Set here and not by the caller, which may have left: the last owner destroys it.
          if (verdict == CAPSTAN_DONE) instance->handle = to.value;
          return verdict;
        });
    if (!caller.answered()) return Fail(caller.failure());
    if (out->verdict != CAPSTAN_DONE) return Fail(caller.answers().Why(out->error));
    if (out->value == nullptr) return caller.answers().Malformed("no instance");
    return {};
  }

  const external::Manifest& manifest() const override { return plugin_->manifest(); }

  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context& context) override {
    const auto& kinds = plugin_->manifest().kinds;
    const bool known =
        std::any_of(kinds.begin(), kinds.end(), [&](const auto& one) { return one.kind == kind; });
    if (!known) {
      return Fail(Code::kInvalidArgument,
                  StrCat("the plugin ", plugin_->manifest().name, " has no kind ", kind));
    }
    auto session = std::make_shared<Session>(instance_, credentials);
    Caller caller(*lanes_, clock_, instance_, options_, "connect", context);
    const capstan_text_t which = caller.input().Text(kind);
    const auto* entries = caller.input().Credentials(credentials);
    const auto out = caller.Run<capstan_session_t>(
        [session, connect = plugin_->operations().connect, which, entries, count = credentials.data.size()](
            capstan_call_t* call, Out<capstan_session_t>& to) {
          const std::int32_t verdict =
              connect(session->instance->handle, call, which, entries, count, &to.value, &to.error);
          if (verdict == CAPSTAN_DONE) session->handle = to.value;
          return verdict;
        });
    if (!caller.answered()) return Fail(caller.failure());
    if (out->verdict != CAPSTAN_DONE) return Fail(caller.answers().Why(out->error));
    if (out->value == nullptr) return caller.answers().Malformed("no session");
    return MakeExternal(*lanes_, clock_, std::move(session), options_);
  }

 private:
  const std::shared_ptr<const Plugin> plugin_;
  Clock& clock_;
  const AdaptOptions options_;
  std::shared_ptr<Lender> lender_;
  std::unique_ptr<Lanes> lanes_;
  std::shared_ptr<Instance> instance_;
};

}  // namespace

Result<std::unique_ptr<external::Provider>> MakeProvider(std::shared_ptr<const Plugin> plugin,
                                                         const std::string& config, const Seams& seams,
                                                         AdaptOptions options) {
  const std::string name = plugin->manifest().name;
  if (auto parsed = json::ParseObject(config); !parsed) {
    return Fail(Code::kInvalidArgument, StrCat("the configuration of the plugin ", name,
                                               " is no JSON object: ", parsed.error().message));
  }
  auto provider = std::make_unique<PluginProvider>(std::move(plugin), config, seams, options);
  if (auto configured = provider->Configure(config); !configured) {
    return Annotate(configured.error(), StrCat("the plugin ", name, " does not accept its configuration"));
  }
  return provider;
}

std::string ConfigFromEnvironment(
    const external::Manifest& manifest,
    const std::function<std::optional<std::string>(const std::string&)>& environment) {
  std::string config = "{";
  for (const auto& [field, variable] : manifest.config_environment) {
    const auto value = environment(variable);
    if (!value || value->empty()) continue;
    if (config.size() > 1) config += ",";
    config += json::Quote(field) + ":" + json::Quote(*value);
  }
  return config + "}";
}

}  // namespace capstan::loader
