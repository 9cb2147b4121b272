#include <capstan/plugins/loader/adapt.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/plugins/loader/answer.hpp>
#include <capstan/plugins/loader/judge.hpp>
#include <capstan/plugins/loader/lanes.hpp>
#include <capstan/plugins/loader/lend.hpp>

namespace capstan::loader {
namespace {

using external::Outcome;
using external::Verdict;

// What a plugin function writes to. Owned by the job, because the job may outlast its caller.
template <class T>
struct Out {
  T* value = nullptr;
  capstan_text_t id{};
  capstan_error_t* error = nullptr;
  std::int32_t verdict = CAPSTAN_UNKNOWN;
  bool threw = false;
  std::string thrown;
};

// The plugin's handle, and all that must be there as long as any code of it may run.
struct Instance {
  Instance(std::shared_ptr<const Plugin> of, std::shared_ptr<Lender> lent)
      : plugin(std::move(of)), lender(std::move(lent)) {}
  ~Instance() {
    if (handle == nullptr) return;
    try {
      plugin->operations().destroy_instance(handle);
    } catch (...) {
      // It is going away; there is nobody to tell.
    }
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const std::shared_ptr<const Plugin> plugin;
  const std::shared_ptr<Lender> lender;
  capstan_instance_t* handle = nullptr;
};

struct Session {
  Session(std::shared_ptr<Instance> of, external::Credentials with)
      : instance(std::move(of)), credentials(std::move(with)) {
    for (const auto& [name, value] : credentials.data) instance->lender->redactor().Add(value);
  }
  ~Session() {
    if (handle != nullptr) {
      try {
        instance->plugin->operations().disconnect(handle);
      } catch (...) {
        // As above.
      }
    }
    for (const auto& [name, value] : credentials.data) instance->lender->redactor().Remove(value);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::shared_ptr<Instance> instance;
  const external::Credentials credentials;
  capstan_session_t* handle = nullptr;
};

capstan_identity_t* PutIdentity(Arena& arena, const external::Identity& identity) {
  auto* out = static_cast<capstan_identity_t*>(arena.Allocate(sizeof(capstan_identity_t)));
  out->struct_size = sizeof(*out);
  out->tag = arena.Copy(identity.tag);
  out->owner = arena.Copy(identity.owner);
  out->parent = arena.Copy(identity.parent);
  out->target = arena.Copy(identity.target);
  return out;
}

capstan_observed_t* PutObserved(Arena& arena, const external::Observed& observed) {
  auto* out = static_cast<capstan_observed_t*>(arena.Allocate(sizeof(capstan_observed_t)));
  out->struct_size = sizeof(*out);
  out->phase = static_cast<std::int32_t>(observed.phase);
  out->connectable = observed.connectable ? 1 : 0;
  out->id = arena.Copy(observed.id);
  out->name = arena.Copy(observed.name);
  out->identity = arena.Copy(observed.identity);
  out->owner = arena.Copy(observed.owner);
  out->message = arena.Copy(observed.message);
  out->created_at = arena.Copy(observed.created_at);
  out->status = arena.Copy(observed.status);
  out->state = arena.Copy(observed.state);
  return out;
}

capstan_step_t* PutStep(Arena& arena, const external::Step& step) {
  auto* out = static_cast<capstan_step_t*>(arena.Allocate(sizeof(capstan_step_t)));
  out->struct_size = sizeof(*out);
  out->makes = step.makes ? 1 : 0;
  out->destroys = step.destroys ? 1 : 0;
  out->waits = step.waits ? 1 : 0;
  out->monthly_cost_change = step.monthly_cost_change;
  out->verb = arena.Copy(step.verb);
  out->target = arena.Copy(step.target);
  out->why = arena.Copy(step.why);
  out->arguments = arena.Copy(step.arguments);
  return out;
}

// Runs one plugin function on a lane and keeps what came of it.
class Caller {
 public:
  Caller(Lanes& lanes, Clock& clock, std::shared_ptr<Instance> instance, const AdaptOptions& options,
         std::string_view what, const Context& context)
      : lanes_(lanes),
        instance_(std::move(instance)),
        what_(what),
        call_(instance_->lender->NewCall(context.Within(clock, options.call_timeout))) {}

  Arena& arena() { return call_->arena; }
  const Plugin& plugin() const { return *instance_->plugin; }
  Answers answers() const { return Answers(instance_->plugin->image(), *call_, what_); }
  const std::vector<Exchange>& seen() const { return seen_; }

  // `body(call, out)` is the call itself and owns all it uses. False: `failure()` says why there is no
  // answer.
  template <class T, class Body>
  bool Run(const std::shared_ptr<Out<T>>& out, Body body) {
    ran_ = lanes_.Run(
        [call = call_, instance = instance_, out, body = std::move(body)] {
          try {
            out->verdict = body(call.get(), *out);
          } catch (const std::exception& exception) {
            out->threw = true;
            out->thrown = exception.what();
          } catch (...) {
            out->threw = true;
          }
        },
        call_->context);
    seen_ = call_->Close();
    if (ran_ == Lanes::Ran::kDone && !out->threw) return true;
    Explain(ran_ == Lanes::Ran::kDone ? Shorten(instance_->lender->redactor().Clean(out->thrown), 256) : "");
    return false;
  }
  const Error& failure() const { return failure_; }
  bool started() const { return ran_ != Lanes::Ran::kNotStarted; }

 private:
  void Explain(const std::string& thrown) {
    const std::string& name = instance_->lender->plugin();
    const bool stopped = call_->context.stopped();
    failure_.sent = StrongestSent(seen_);
    if (ran_ == Lanes::Ran::kDone) {
      failure_.code = Code::kInternal;
      failure_.message = StrCat("the plugin ", name, " let an exception out of ", what_,
                                thrown.empty() ? "" : ": ", thrown, "; report it to its author");
    } else if (ran_ == Lanes::Ran::kNotStarted) {
      failure_.code = stopped ? Code::kCancelled : Code::kDeadlineExceeded;
      failure_.message = StrCat("the call ", what_, " of the plugin ", name, " did not begin: ",
                                stopped ? "it was cancelled" : "all its slots were taken until the deadline");
    } else {
      failure_.code = stopped ? Code::kCancelled : Code::kDeadlineExceeded;
      failure_.message = StrCat("the plugin ", name, " did not return from ", what_,
                                " in time; the call is left behind and "
                                "holds one of its slots until it returns");
    }
  }

  Lanes& lanes_;
  const std::shared_ptr<Instance> instance_;
  const std::string_view what_;
  const std::shared_ptr<capstan_call> call_;
  Lanes::Ran ran_ = Lanes::Ran::kNotStarted;
  std::vector<Exchange> seen_;
  Error failure_;
};

class PluginExternal final : public external::External {
 public:
  PluginExternal(Lanes& lanes, Clock& clock, std::shared_ptr<Session> session, const AdaptOptions& options)
      : lanes_(lanes), clock_(clock), session_(std::move(session)), options_(options) {}

  Result<external::Account> WhoAmI(const Context& context) override {
    Caller caller = Call("who_am_i", context);
    auto out = std::make_shared<Out<capstan_account_t>>();
    const bool ran = caller.Run(
        out, [session = session_, op = caller.plugin().operations().who_am_i](
                 capstan_call_t* call, auto& to) { return op(session->handle, call, &to.value, &to.error); });
    return Look<external::Account>(caller, ran, *out,
                                   [&](const Answers& answers) { return answers.Account(out->value); });
  }

  Result<std::vector<external::Observed>> Find(const external::Identity& identity, const std::string& desired,
                                               const Context& context) override {
    Caller caller = Call("find", context);
    auto out = std::make_shared<Out<capstan_page_t>>();
    const auto* who = PutIdentity(caller.arena(), identity);
    const capstan_text_t document = caller.arena().Copy(desired);
    const bool ran = caller.Run(out, [session = session_, op = caller.plugin().operations().find, who,
                                      document](capstan_call_t* call, auto& to) {
      return op(session->handle, call, who, document, &to.value, &to.error);
    });
    auto page = Look<external::Page>(caller, ran, *out,
                                     [&](const Answers& answers) { return answers.Page(out->value); });
    if (!page) return Fail(std::move(page).error());
    if (!page->next.empty() ||
        (page->total && *page->total != static_cast<std::int64_t>(page->items.size()))) {
      return caller.answers().Malformed("an incomplete list");
    }
    return std::move(page->items);
  }

  Result<std::optional<external::Observed>> Get(const std::string& id, const Context& context) override {
    Caller caller = Call("get", context);
    auto out = std::make_shared<Out<capstan_observed_t>>();
    const capstan_text_t asked = caller.arena().Copy(id);
    const bool ran = caller.Run(out, [session = session_, op = caller.plugin().operations().get, asked](
                                         capstan_call_t* call, auto& to) {
      return op(session->handle, call, asked, &to.value, &to.error);
    });
    if (ran && out->verdict == CAPSTAN_NOT_FOUND) return CertainlyAbsent(caller);
    auto observed = Look<external::Observed>(
        caller, ran, *out, [&](const Answers& answers) { return answers.Observed(out->value); });
    if (!observed) return Fail(std::move(observed).error());
    if (observed->id != id)
      return caller.answers().Malformed(StrCat("the object ", observed->id, " instead of ", id));
    return *std::move(observed);
  }

  Outcome Create(const external::Identity& identity, const std::string& desired,
                 const Context& context) override {
    Caller caller = Call("create", context);
    auto out = std::make_shared<Out<void>>();
    const auto* who = PutIdentity(caller.arena(), identity);
    const capstan_text_t document = caller.arena().Copy(desired);
    const bool ran = caller.Run(out, [session = session_, op = caller.plugin().operations().create, who,
                                      document](capstan_call_t* call, auto& to) {
      return op(session->handle, call, who, document, &to.id, &to.error);
    });
    Outcome outcome = Change(caller, ran, *out, true);
    // There is no object yet that could be missing.
    if (outcome.verdict == Verdict::kNotFound) outcome.verdict = Verdict::kRejected;
    return outcome;
  }

  Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                 const Context& context) override {
    Caller caller = Call("remove", context);
    auto out = std::make_shared<Out<void>>();
    const capstan_text_t asked = caller.arena().Copy(id);
    auto* how =
        static_cast<capstan_remove_options_t*>(caller.arena().Allocate(sizeof(capstan_remove_options_t)));
    how->struct_size = sizeof(*how);
    how->associated_resources = options.associated.empty() ? 0 : 1;
    const bool ran = caller.Run(out, [session = session_, op = caller.plugin().operations().remove, asked,
                                      how](capstan_call_t* call, auto& to) {
      return op(session->handle, call, asked, how, &to.error);
    });
    return Change(caller, ran, *out, false);
  }

  Result<external::Page> List(const std::string& cursor, const Context& context) override {
    Caller caller = Call("list", context);
    auto out = std::make_shared<Out<capstan_page_t>>();
    const capstan_text_t from = caller.arena().Copy(cursor);
    const bool ran = caller.Run(out, [session = session_, op = caller.plugin().operations().list, from](
                                         capstan_call_t* call, auto& to) {
      return op(session->handle, call, from, &to.value, &to.error);
    });
    auto page = Look<external::Page>(caller, ran, *out,
                                     [&](const Answers& answers) { return answers.Page(out->value); });
    if (page && !page->next.empty() && page->next == cursor)
      return caller.answers().Malformed("the same cursor again");
    return page;
  }

  Result<external::Plan> MakePlan(const std::string& desired,
                                  const external::Observed& observed) const override {
    Caller caller = Call("plan", Context{});
    auto out = std::make_shared<Out<capstan_plan_t>>();
    const capstan_text_t document = caller.arena().Copy(desired);
    const auto* seen = PutObserved(caller.arena(), observed);
    const bool ran = caller.Run(out, [session = session_, op = caller.plugin().operations().plan, document,
                                      seen](capstan_call_t* call, auto& to) {
      return op(session->handle, call, document, seen, &to.value, &to.error);
    });
    return Look<external::Plan>(caller, ran, *out,
                                [&](const Answers& answers) { return answers.Plan(out->value); });
  }

  Outcome Apply(const std::string& id, const external::Step& step, const external::Identity& identity,
                const Context& context) override {
    Caller caller = Call("apply", context);
    auto out = std::make_shared<Out<void>>();
    const capstan_text_t asked = caller.arena().Copy(id);
    const auto* what = PutStep(caller.arena(), step);
    const auto* who = PutIdentity(caller.arena(), identity);
    const bool ran = caller.Run(out, [session = session_, op = caller.plugin().operations().apply, asked,
                                      what, who](capstan_call_t* call, auto& to) {
      return op(session->handle, call, asked, what, who, &to.id, &to.error);
    });
    return Change(caller, ran, *out, step.makes);
  }

  Result<external::Connection> Connect(const std::string& id, const std::string&,
                                       const Context& context) override {
    Caller caller = Call("connection", context);
    auto out = std::make_shared<Out<capstan_connection_t>>();
    const capstan_text_t asked = caller.arena().Copy(id);
    const bool ran = caller.Run(out, [session = session_, op = caller.plugin().operations().connection,
                                      asked](capstan_call_t* call, auto& to) {
      return op(session->handle, call, asked, &to.value, &to.error);
    });
    return Look<external::Connection>(caller, ran, *out,
                                      [&](const Answers& answers) { return answers.Connection(out->value); });
  }

 private:
  Caller Call(std::string_view what, const Context& context) const {
    return Caller(lanes_, clock_, session_->instance, options_, what, context);
  }

  // The answer of an operation that only looks.
  template <class T, class O, class Read>
  static Result<T> Look(const Caller& caller, bool ran, const Out<O>& out, Read read) {
    if (!ran) return Fail(caller.failure());
    const Answers answers = caller.answers();
    if (out.verdict == CAPSTAN_DONE) return read(answers);
    Error why = answers.Why(out.error);
    why.sent = StrongestSent(caller.seen());
    return Fail(std::move(why));
  }

  // "Not there" lets go of things: it is believed only if no answer of the cloud contradicts it.
  static Result<std::optional<external::Observed>> CertainlyAbsent(const Caller& caller) {
    for (const Exchange& exchange : caller.seen()) {
      if (exchange.sent != Sent::kYes || exchange.status >= 500 || exchange.status == 401 ||
          exchange.status == 403 || exchange.status == 408 || exchange.status == 429) {
        return caller.answers().Malformed("\"not found\", though the cloud did not say so");
      }
    }
    return std::optional<external::Observed>();
  }

  // The outcome of an operation that changes something.
  static Outcome Change(const Caller& caller, bool ran, const Out<void>& out, bool makes) {
    if (!ran) {
      Outcome failed{caller.started() ? Verdict::kUnknown : Verdict::kWait, "", caller.failure()};
      return failed;
    }
    const Answers answers = caller.answers();
    Outcome outcome;
    if (out.verdict < CAPSTAN_DONE || out.verdict > CAPSTAN_NOT_FOUND) {
      outcome.error = answers.Malformed(StrCat("the unknown verdict ", out.verdict)).value();
    } else {
      outcome.verdict = static_cast<Verdict>(out.verdict);
      if (out.verdict != CAPSTAN_DONE && (out.verdict != CAPSTAN_NOT_FOUND || out.error != nullptr)) {
        outcome.error = answers.Why(out.error);
      }
      if (out.verdict == CAPSTAN_DONE && makes) {
        if (auto id = answers.Id(out.id)) {
          outcome.id = *std::move(id);
        } else {
          // Something was made, and nobody knows what it is called: Find will.
          return Outcome{Verdict::kUnknown, "", std::move(id).error()};
        }
      }
    }
    return Judge(std::move(outcome), caller.seen(), makes);
  }

  Lanes& lanes_;
  Clock& clock_;
  const std::shared_ptr<Session> session_;
  const AdaptOptions options_;
};

class PluginProvider final : public external::Provider {
 public:
  PluginProvider(std::shared_ptr<const Plugin> plugin, const std::string& config, const Seams& seams,
                 AdaptOptions options)
      : plugin_(std::move(plugin)), clock_(seams.scheduler), options_(options) {
    const std::string& name = plugin_->manifest().name;
    LenderOptions lend;
    lend.plugin = name;
    lend.call_memory = options.call_memory;
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
    // What was left behind, if anything, finds every door shut from here on.
    lender_->Close();
  }

  Status Configure(const std::string& config) {
    Caller caller(*lanes_, clock_, instance_, options_, "create_instance", Context{});
    auto out = std::make_shared<Out<capstan_instance_t>>();
    const capstan_text_t document = caller.arena().Copy(config);
    const bool ran = caller.Run(out, [instance = instance_, op = plugin_->operations().create_instance,
                                      document](capstan_call_t* call, auto& to) {
      const std::int32_t verdict = op(instance->lender->host(), call, document, &to.value, &to.error);
      // Here and not by the caller, who may have left: whoever is last destroys it.
      if (verdict == CAPSTAN_DONE) instance->handle = to.value;
      return verdict;
    });
    if (!ran) return Fail(caller.failure());
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
    Arena& arena = caller.arena();
    const capstan_text_t which = arena.Copy(kind);
    const std::size_t count = credentials.data.size();
    auto* entries = static_cast<capstan_entry_t*>(arena.Allocate(sizeof(capstan_entry_t) * count));
    std::size_t i = 0;
    for (const auto& [name, value] : credentials.data)
      entries[i++] = {arena.Copy(name), arena.Copy(value.Reveal())};
    auto out = std::make_shared<Out<capstan_session_t>>();
    const bool ran = caller.Run(out, [session, op = plugin_->operations().connect, which, entries, count](
                                         capstan_call_t* call, auto& to) {
      const std::int32_t verdict =
          op(session->instance->handle, call, which, entries, count, &to.value, &to.error);
      if (verdict == CAPSTAN_DONE) session->handle = to.value;
      return verdict;
    });
    if (!ran) return Fail(caller.failure());
    if (out->verdict != CAPSTAN_DONE) return Fail(caller.answers().Why(out->error));
    if (out->value == nullptr) return caller.answers().Malformed("no session");
    return std::make_unique<PluginExternal>(*lanes_, clock_, std::move(session), options_);
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
