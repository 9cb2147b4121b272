#include <capstan/plugins/loader/calls/adapt_external.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/lending/judge.hpp>

namespace capstan::loader {
namespace {

using external::Outcome;
using external::Verdict;

// The answer of a read-only operation; `read` extracts it from the call.
template <class T, class O, class Read>
Result<T> Look(const Caller& caller, const Out<O>& out, Read read) {
  if (!caller.answered()) return Fail(caller.failure());
  const Answers answers = caller.answers();
  if (out.verdict == CAPSTAN_DONE) return read(answers);
  Error why = answers.Why(out.error);
  why.sent = StrongestSent(caller.seen());
  return Fail(std::move(why));
}

// NotFound makes the core abandon objects, so it is accepted only if no response of the cloud
// contradicts it.
Result<std::optional<external::Observed>> CertainlyAbsent(const Caller& caller) {
  for (const SentRequest& exchange : caller.seen()) {
    const bool answered = exchange.status / 100 == 2 || exchange.status / 100 == 3 ||
                          external::CertainlyRefused(exchange.status);
    if (exchange.sent != Sent::kYes || !answered || exchange.status == 401 || exchange.status == 403 ||
        exchange.status == 429) {
      return caller.answers().Malformed("\"not found\", though the cloud did not say so");
    }
  }
  return std::optional<external::Observed>();
}

// The outcome of a change for which the plugin gave no answer.
Outcome Unanswered(const Caller& caller) {
  const Verdict verdict = caller.started()                           ? Verdict::kUnknown
                          : caller.failure().code == Code::kTooLarge ? Verdict::kRejected
                                                                     : Verdict::kWait;
  return Outcome{verdict, "", caller.failure()};
}

// The outcome of an operation that changes something.
template <class T>
Outcome Change(const Caller& caller, const Out<T>& out, bool makes) {
  if (!caller.answered()) return Unanswered(caller);
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
      auto id = answers.Id(out.id);
      // Something was created and its id is unknown: Find will observe it.
      if (!id) return Outcome{Verdict::kUnknown, "", std::move(id).error()};
      outcome.id = *std::move(id);
    }
  }
  const Verdict said = outcome.verdict;
  Outcome judged = Judge(std::move(outcome), caller.seen(), makes);
  if (judged.verdict != said) caller.ReportOverruled(said, judged);
  return judged;
}

class PluginExternal final : public external::External {
 public:
  PluginExternal(Lanes& lanes, Clock& clock, std::shared_ptr<Session> session, const AdaptOptions& options)
      : lanes_(lanes), clock_(clock), session_(std::move(session)), options_(options) {}

  Result<external::Account> WhoAmI(const Context& context) override {
    Caller caller = Call("who_am_i", context);
    const auto out = caller.Ask<capstan_account_t>(session_, operations().who_am_i);
    return Look<external::Account>(caller, *out, [&](const Answers& it) { return it.Account(out->value); });
  }

  Result<std::vector<external::Observed>> Find(const external::Identity& identity, const std::string& desired,
                                               const Context& context) override {
    Caller caller = Call("find", context);
    const auto* who = caller.input().Identity(identity);
    const auto out =
        caller.Ask<capstan_page_t>(session_, operations().find, who, caller.input().Text(desired));
    auto page = Look<external::Page>(caller, *out, [&](const Answers& it) { return it.Page(out->value); });
    if (!page) return Fail(std::move(page).error());
    if (!page->next.empty() ||
        (page->total && *page->total != static_cast<std::int64_t>(page->items.size()))) {
      return caller.answers().Malformed("an incomplete list");
    }
    return std::move(page->items);
  }

  Result<std::optional<external::Observed>> Get(const std::string& id, const Context& context) override {
    Caller caller = Call("get", context);
    const auto out = caller.Ask<capstan_observed_t>(session_, operations().get, caller.input().Text(id));
    if (caller.answered() && out->verdict == CAPSTAN_NOT_FOUND) return CertainlyAbsent(caller);
    auto seen =
        Look<external::Observed>(caller, *out, [&](const Answers& it) { return it.Observed(out->value); });
    if (!seen) return Fail(std::move(seen).error());
    if (seen->id != id)
      return caller.answers().Malformed(StrCat("the object ", seen->id, " instead of ", id));
    return *std::move(seen);
  }

  Outcome Create(const external::Identity& identity, const std::string& desired,
                 const Context& context) override {
    Caller caller = Call("create", context);
    const auto* who = caller.input().Identity(identity);
    const auto out = caller.Ask<NewId>(session_, operations().create, who, caller.input().Text(desired));
    Outcome outcome = Change(caller, *out, true);
    // There is no object yet that could be missing.
    if (outcome.verdict == Verdict::kNotFound) outcome.verdict = Verdict::kRejected;
    return outcome;
  }

  Outcome Adopt(const std::string& id, const external::Identity& identity, const Context& context) override {
    Caller caller = Call("adopt", context);
    const auto* who = caller.input().Identity(identity);
    const auto out = caller.Ask<Nothing>(session_, operations().adopt, caller.input().Text(id), who);
    return Change(caller, *out, false);
  }

  Result<std::vector<external::Associated>> ListAssociated(const std::string& id,
                                                           const Context& context) override {
    Caller caller = Call("associated", context);
    const auto out =
        caller.Ask<capstan_associated_list_t>(session_, operations().associated, caller.input().Text(id));
    return Look<std::vector<external::Associated>>(
        caller, *out, [&](const Answers& it) { return it.Associated(out->value); });
  }

  Outcome Delete(const std::string& id, const external::DeleteOptions& options,
                 const Context& context) override {
    Caller caller = Call("remove", context);
    const auto* how = caller.input().RemoveOptions(options);
    const auto out = caller.Ask<Nothing>(session_, operations().remove, caller.input().Text(id), how);
    return Change(caller, *out, false);
  }

  Result<external::Page> List(const std::string& cursor, const Context& context) override {
    Caller caller = Call("list", context);
    const auto out = caller.Ask<capstan_page_t>(session_, operations().list, caller.input().Text(cursor));
    auto page = Look<external::Page>(caller, *out, [&](const Answers& it) { return it.Page(out->value); });
    if (page && !page->next.empty() && page->next == cursor)
      return caller.answers().Malformed("the same cursor again");
    return page;
  }

  Result<external::Plan> MakePlan(const std::string& desired,
                                  const external::Observed& observed) const override {
    Caller caller = Call("plan", Context{});
    const auto* seen = caller.input().Observed(observed);
    const auto out =
        caller.Ask<capstan_plan_t>(session_, operations().plan, caller.input().Text(desired), seen);
    return Look<external::Plan>(caller, *out, [&](const Answers& it) { return it.Plan(out->value); });
  }

  Outcome Apply(const std::string& id, const external::Step& step, const external::Identity& identity,
                const Context& context) override {
    Caller caller = Call("apply", context);
    const auto* what = caller.input().Step(step);
    const auto* who = caller.input().Identity(identity);
    const auto out = caller.Ask<NewId>(session_, operations().apply, caller.input().Text(id), what, who);
    return Change(caller, *out, step.makes);
  }

  Result<external::Connection> ReadConnection(const std::string& id, const std::string& desired,
                                              const Context& context) override {
    Caller caller = Call("connection", context);
    const capstan_text_t asked = caller.input().Text(id);
    const auto out = caller.Ask<capstan_connection_t>(session_, operations().connection, asked,
                                                      caller.input().Text(desired));
    return Look<external::Connection>(caller, *out,
                                      [&](const Answers& it) { return it.Connection(out->value); });
  }

  Result<std::vector<external::Notice>> Notices(const std::string& id, const std::string& since,
                                                const Context& context) override {
    Caller caller = Call("notices", context);
    const capstan_text_t asked = caller.input().Text(id);
    const auto out =
        caller.Ask<capstan_notice_list_t>(session_, operations().notices, asked, caller.input().Text(since));
    return Look<std::vector<external::Notice>>(
        caller, *out, [&](const Answers& it) { return it.Notices(out->value, since); });
  }

  Result<std::vector<external::Offer>> Offers(const std::string& catalog, const Context& context) override {
    Caller caller = Call("offers", context);
    const auto out =
        caller.Ask<capstan_offer_list_t>(session_, operations().offers, caller.input().Text(catalog));
    return Look<std::vector<external::Offer>>(caller, *out,
                                              [&](const Answers& it) { return it.Offers(out->value); });
  }

 private:
  Caller Call(std::string_view what, const Context& context) const {
    return Caller(lanes_, clock_, session_->instance, options_, what, context);
  }
  const capstan_plugin_t& operations() const { return session_->instance->plugin->operations(); }

  Lanes& lanes_;
  Clock& clock_;
  const std::shared_ptr<Session> session_;
  const AdaptOptions options_;
};

}  // namespace

std::unique_ptr<external::External> MakeExternal(Lanes& lanes, Clock& clock, std::shared_ptr<Session> session,
                                                 const AdaptOptions& options) {
  return std::make_unique<PluginExternal>(lanes, clock, std::move(session), options);
}

}  // namespace capstan::loader
