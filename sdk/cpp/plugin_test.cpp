// All inputs and outputs of an author's class, converted to the ABI by sdk/cpp and back by the
// loader.
#include <capstan/sdk/cpp/plugin.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/plugins/loader/adapt.hpp>

namespace capstan::sdk {
namespace {

using testing::HasSubstr;

// Fills every field with a distinct value, so that a dropped or swapped one is detected.
Observed Full(const std::string& id) {
  Observed observed;
  observed.id = id;
  observed.name = "name \u00e9\U0001F600";
  observed.identity = "capstan:u";
  observed.owner = "capstan-owner:o";
  observed.phase = Phase::kDegraded;
  observed.message = "one node is gone";
  observed.created_at = "2026-01-02T03:04:05Z";
  observed.status = R"({"a":1})";
  observed.state = R"({"b":[true,null]})";
  observed.connectable = true;
  return observed;
}
Error FullError() {
  Error error = MakeError(Code::kResourceExhausted, "too many requests", Sent::kNo, 429);
  error.reason = "too_many_requests";
  error.request_id = "req-1";
  error.retry_after = std::chrono::seconds(7);
  return error;
}

// Returns full answers, and records its input in a document.
class Mirror final : public External {
 public:
  static Manifest Describe() {
    KindInfo kind;
    kind.group = "mirror.example";
    kind.version = "v1";
    kind.kind = "Mirror";
    kind.plural = "mirrors";
    Manifest manifest;
    manifest.name = "mirror";
    manifest.version = "1.0.0";
    manifest.kinds = {kind};
    manifest.allowed_hosts = {"api.mirror.example"};
    return manifest;
  }
  static Result<std::unique_ptr<External>> Open(const Setup& setup, const std::string& kind,
                                                const Credentials& credentials) {
    if (credentials.data.contains("refuse")) return Fail(FullError());
    return std::make_unique<Mirror>(setup, kind, credentials);
  }
  Mirror(const Setup& setup, std::string kind, Credentials credentials)
      : setup_(setup), kind_(std::move(kind)), credentials_(std::move(credentials)) {}

  Result<Account> WhoAmI(const Context&) override {
    std::string seen = kind_ + " " + setup_.config;
    for (const auto& [name, value] : credentials_.data)
      seen += " " + name + "=" + std::to_string(value.Reveal().size());
    return Account{"account-1", seen};
  }
  Result<std::vector<Observed>> Find(const Identity& identity, const std::string& desired,
                                     const Context&) override {
    if (desired == "fail") return Fail(FullError());
    Observed told = Full("found");
    told.message =
        identity.tag + "|" + identity.owner + "|" + identity.parent + "|" + identity.target + "|" + desired;
    return std::vector<Observed>{told, Full("second")};
  }
  Result<std::optional<Observed>> Get(const std::string& id, const Context& context) override {
    if (id == "absent") return std::optional<Observed>();
    if (id == "throw") throw std::runtime_error("the author did not think of this");
    if (id == "throw int") throw 7;
    if (id == "deadline") {
      Observed told = Full(id);
      told.message = std::to_string((context.deadline - setup_.clock.Now()).count());
      return told;
    }
    if (id == "ask") return Ask(id, context);
    return Full(id);
  }
  Outcome Create(const Identity&, const std::string& desired, const Context&) override {
    if (desired == "wait") return Outcome{Verdict::kWait, "", FullError()};
    if (desired == "rejected") return Rejected(Code::kInvalidArgument, "no such size");
    if (desired == "unknown") return Outcome{Verdict::kUnknown, "", FullError()};
    return Done("made of " + desired);
  }
  Outcome Adopt(const std::string& id, const Identity& identity, const Context&) override {
    if (id == "absent") return NotFound();
    return Rejected(Code::kConflict, id + "|" + identity.tag + "|" + identity.owner);
  }
  Result<std::vector<Associated>> ListAssociated(const std::string& id, const Context&) override {
    if (id == "absent") return Fail(FullError());
    return std::vector<Associated>{{"volumes", id, "pvc-1", 10.25}, {"loadBalancers", "lb", ""}};
  }
  Outcome Delete(const std::string& id, const DeleteOptions& options, const Context&) override {
    if (id == "absent") return NotFound();
    std::string told;
    for (const Associated& one : options.associated)
      told += one.kind + "/" + one.id + "/" + one.name + "/" + std::to_string(one.monthly_cost) + " ";
    return told.empty() ? Done() : Rejected(Code::kFailedPrecondition, told);
  }
  Result<std::vector<Notice>> Notices(const std::string& id, const std::string& since,
                                      const Context&) override {
    if (id == "absent") return Fail(FullError());
    return std::vector<Notice>{{"2026-01-02T03:04:05Z", id}, {"2026-01-02T03:04:06Z", "since " + since}};
  }
  Result<std::vector<Offer>> Offers(const std::string& catalog, const Context&) override {
    if (catalog == "absent") return Fail(FullError());
    return std::vector<Offer>{{catalog + "-1", "First", true, R"({"vcpus":1})"},
                              {catalog + "-2", "", false, ""}};
  }
  Result<Page> List(const std::string& cursor, const Context&) override {
    return Page{{Full("after " + cursor)}, "next", 12};
  }
  Result<Plan> MakePlan(const std::string& desired, const Observed& observed) const override {
    Step step;
    step.verb = "scale";
    step.target = "t";
    step.why = desired;
    step.makes = true;
    step.destroys = observed.connectable;
    step.waits = observed.phase == Phase::kDegraded;
    step.monthly_cost_change = -12.5;
    step.arguments = observed.state;
    step.consumes = "capstan.dev/reset-count=a";
    Step other = step;
    other.makes = false;
    return Plan{{step, other},
                {{"spec.region", observed.message}},
                {{"spec.size", "3", ""}, {"spec.name", R"("a")", observed.id}},
                "a resize",
                {"capstan.dev/reset-count=b", "capstan.dev/reset-count=c"}};
  }
  Outcome Apply(const std::string& id, const Step& step, const Identity& identity, const Context&) override {
    return Done(id + "|" + step.verb + "|" + step.target + "|" + step.why + "|" + step.arguments + "|" +
                identity.parent + "|" + step.consumes + std::to_string(step.makes) +
                std::to_string(step.destroys) + std::to_string(step.waits) +
                std::to_string(step.monthly_cost_change));
  }
  Result<Connection> ReadConnection(const std::string& id, const std::string& desired,
                                    const Context&) override {
    Connection connection;
    connection.data["desired"] = Secret(desired);
    connection.data["kubeconfig"] = Secret("for " + id);
    connection.data["binary"] = Secret(std::string("\x00\xFF", 2));
    connection.expires = WallTime(std::chrono::seconds(1'800'000'000));
    return connection;
  }

 private:
  Result<std::optional<Observed>> Ask(const std::string& id, const Context& context) {
    http::Request request;
    request.method = "PATCH";
    request.url = "https://api.mirror.example/x?y=1";
    request.headers = {{"X-One", "1"}, {"X-Two", "2"}};
    request.body = std::string("\x00\xFF body", 7);
    CAPSTAN_TRY(const http::Response response, setup_.transport.Send(request, context));
    Observed told = Full(id);
    told.message = std::to_string(response.status) + " " +
                   std::string(response.headers.Get("x-answer").value_or("")) + " " +
                   std::to_string(response.body.size());
    return told;
  }

  const Setup setup_;
  const std::string kind_;
  const Credentials credentials_;
};

class EchoHandler final : public http::Handler {
 public:
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) override {
    last = request;
    (void)writer.Respond({207, {{"X-Answer", request.method}}, request.body + request.body});
  }
  http::Request last;
};

class PluginTest : public testing::Test {
 protected:
  void SetUp() override {
    transport_.Route("api.mirror.example", &echo_);
    auto plugin = loader::AdoptPlugin(sdk::Plugin<Mirror>::Table(), "mirror", Seams());
    ASSERT_TRUE(plugin) << plugin.error();
    auto provider = loader::MakeProvider(*plugin, R"({"k":"v"})", Seams());
    ASSERT_TRUE(provider) << provider.error();
    provider_ = *std::move(provider);
    auto external =
        provider_->Connect("Mirror", {{{"token", Secret("12345")}, {"user", Secret("me")}}}, Context{});
    ASSERT_TRUE(external) << external.error();
    external_ = *std::move(external);
  }
  loader::Seams Seams() { return {scheduler_, transport_, *random_, log_}; }

  SimulatedScheduler scheduler_;
  http::LoopbackTransport transport_{scheduler_};
  EchoHandler echo_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(5);
  RecordingLog log_;
  std::unique_ptr<Provider> provider_;
  std::unique_ptr<External> external_;
};

void ExpectFull(const Observed& seen, const std::string& id) {
  const Observed full = Full(id);
  EXPECT_EQ(seen.id, full.id);
  EXPECT_EQ(seen.name, full.name);
  EXPECT_EQ(seen.identity, full.identity);
  EXPECT_EQ(seen.owner, full.owner);
  EXPECT_EQ(seen.phase, full.phase);
  EXPECT_EQ(seen.created_at, full.created_at);
  EXPECT_EQ(seen.status, full.status);
  EXPECT_EQ(seen.state, full.state);
  EXPECT_EQ(seen.connectable, full.connectable);
}

void ExpectFullError(const Error& error) {
  Error full = FullError();
  full.sent = error.sent;  // the host determines it
  EXPECT_EQ(error, full);
}

TEST_F(PluginTest, SessionsKnowKindConfigurationAndCredentials) {
  const auto account = external_->WhoAmI(Context{});
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->id, "account-1");
  EXPECT_EQ(account->description, R"(Mirror {"k":"v"} token=5 user=2)");
  const auto refused = provider_->Connect("Mirror", {{{"refuse", Secret("x")}}}, Context{});
  ASSERT_FALSE(refused);
  ExpectFullError(refused.error());
}

TEST_F(PluginTest, FindCarriesTheIdentityInAndTheObjectsOut) {
  const auto found =
      external_->Find({"capstan:u", "capstan-owner:o", "p", "t"}, R"({"name":"n"})", Context{});
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 2u);
  ExpectFull((*found)[0], "found");
  EXPECT_EQ((*found)[0].message, R"(capstan:u|capstan-owner:o|p|t|{"name":"n"})");
  ExpectFull((*found)[1], "second");
  const auto failed = external_->Find({}, "fail", Context{});
  ASSERT_FALSE(failed);
  ExpectFullError(failed.error());
}

TEST_F(PluginTest, GetTellsAnObjectFromNothing) {
  const auto seen = external_->Get("some id", Context{});
  ASSERT_TRUE(seen && seen->has_value());
  ExpectFull(**seen, "some id");
  EXPECT_EQ((*seen)->message, "one node is gone");
  const auto absent = external_->Get("absent", Context{});
  ASSERT_TRUE(absent) << absent.error();
  EXPECT_FALSE(absent->has_value());
}

TEST_F(PluginTest, EveryVerdictComesBackWithItsReason) {
  const Outcome done = external_->Create({}, "x", Context{});
  EXPECT_EQ(done.verdict, Verdict::kDone);
  EXPECT_EQ(done.id, "made of x");
  EXPECT_FALSE(done.error);
  const Outcome wait = external_->Create({}, "wait", Context{});
  EXPECT_EQ(wait.verdict, Verdict::kWait);
  ExpectFullError(*wait.error);
  const Outcome rejected = external_->Create({}, "rejected", Context{});
  EXPECT_EQ(rejected.verdict, Verdict::kRejected);
  EXPECT_EQ(rejected.error->message, "no such size");
  const Outcome unknown = external_->Create({}, "unknown", Context{});
  EXPECT_EQ(unknown.verdict, Verdict::kUnknown);
  ExpectFullError(*unknown.error);
  EXPECT_EQ(external_->Delete("absent", {}, Context{}).verdict, Verdict::kNotFound);
  EXPECT_EQ(external_->Delete("x", {}, Context{}).verdict, Verdict::kDone);
}

TEST_F(PluginTest, AssociatedObjectsAreReturnedAndPassedToDelete) {
  const auto associated = external_->ListAssociated("v1", Context{});
  ASSERT_TRUE(associated) << associated.error();
  ASSERT_EQ(associated->size(), 2u);
  EXPECT_EQ((*associated)[0].kind, "volumes");
  EXPECT_EQ((*associated)[0].id, "v1");
  EXPECT_EQ((*associated)[0].name, "pvc-1");
  EXPECT_EQ((*associated)[0].monthly_cost, 10.25);
  EXPECT_EQ((*associated)[1].kind, "loadBalancers");
  EXPECT_EQ((*associated)[1].monthly_cost, 0) << "not known";
  const Outcome refused = external_->Delete("x", {*associated}, Context{});
  EXPECT_EQ(refused.verdict, Verdict::kRejected);
  EXPECT_EQ(refused.error->message, "volumes/v1/pvc-1/10.250000 loadBalancers/lb//0.000000");
  const auto failed = external_->ListAssociated("absent", Context{});
  ASSERT_FALSE(failed);
  ExpectFullError(failed.error());
}

TEST_F(PluginTest, AdoptCarriesTheIdentityInAndTheVerdictOut) {
  const Outcome refused = external_->Adopt("x", {"capstan:u", "capstan-owner:o", "", ""}, Context{});
  EXPECT_EQ(refused.verdict, Verdict::kRejected);
  EXPECT_EQ(refused.error->code, Code::kConflict);
  EXPECT_EQ(refused.error->message, "x|capstan:u|capstan-owner:o");
  EXPECT_EQ(external_->Adopt("absent", {}, Context{}).verdict, Verdict::kNotFound);
}

TEST_F(PluginTest, NoticesComeBackInTheirOrder) {
  const auto notices = external_->Notices("x", "2026-01-01T00:00:00Z", Context{});
  ASSERT_TRUE(notices) << notices.error();
  ASSERT_EQ(notices->size(), 2u);
  EXPECT_EQ((*notices)[0].at, "2026-01-02T03:04:05Z");
  EXPECT_EQ((*notices)[0].text, "x");
  EXPECT_EQ((*notices)[1].text, "since 2026-01-01T00:00:00Z");
  const auto failed = external_->Notices("absent", "", Context{});
  ASSERT_FALSE(failed);
  ExpectFullError(failed.error());
}

TEST_F(PluginTest, OffersComeBackInTheirOrder) {
  const auto offers = external_->Offers("sizes", Context{});
  ASSERT_TRUE(offers) << offers.error();
  ASSERT_EQ(offers->size(), 2u);
  EXPECT_EQ((*offers)[0].value, "sizes-1");
  EXPECT_EQ((*offers)[0].name, "First");
  EXPECT_TRUE((*offers)[0].available);
  EXPECT_EQ((*offers)[0].details, R"({"vcpus":1})");
  EXPECT_EQ((*offers)[1].value, "sizes-2");
  EXPECT_FALSE((*offers)[1].available);
  const auto failed = external_->Offers("absent", Context{});
  ASSERT_FALSE(failed);
  ExpectFullError(failed.error());
}

TEST_F(PluginTest, ListsPlansAndConnectionsComeBackWhole) {
  const auto page = external_->List("c", Context{});
  ASSERT_TRUE(page) << page.error();
  ASSERT_EQ(page->items.size(), 1u);
  ExpectFull(page->items[0], "after c");
  EXPECT_EQ(page->next, "next");
  EXPECT_EQ(page->total, 12);

  const auto plan = external_->MakePlan("wanted", Full("x"));
  ASSERT_TRUE(plan) << plan.error();
  ASSERT_EQ(plan->steps.size(), 2u);
  EXPECT_EQ(plan->steps[0].why, "wanted");
  EXPECT_TRUE(plan->steps[0].makes && plan->steps[0].destroys && plan->steps[0].waits);
  EXPECT_EQ(plan->steps[0].monthly_cost_change, -12.5);
  EXPECT_EQ(plan->steps[0].arguments, R"({"b":[true,null]})");
  EXPECT_FALSE(plan->steps[1].makes);
  ASSERT_EQ(plan->unsupported.size(), 1u);
  EXPECT_EQ(plan->unsupported[0].field, "spec.region");
  EXPECT_EQ(plan->unsupported[0].why, "one node is gone");
  ASSERT_EQ(plan->differences.size(), 2u);
  EXPECT_EQ(plan->differences[0].field, "spec.size");
  EXPECT_EQ(plan->differences[0].wanted, "3");
  EXPECT_EQ(plan->differences[0].seen, "");
  EXPECT_EQ(plan->differences[1].wanted, R"("a")");
  EXPECT_EQ(plan->differences[1].seen, "x");
  EXPECT_EQ(plan->waiting, "a resize");
  const auto fresh = external_->MakePlan("wanted", Observed{});
  ASSERT_TRUE(fresh) << fresh.error();
  EXPECT_EQ(fresh->differences[1].seen, "") << "an object without id stands for nothing there";

  const Outcome applied = external_->Apply("id", plan->steps[0], {"t", "o", "parent", ""}, Context{});
  EXPECT_EQ(applied.verdict, Verdict::kDone);
  EXPECT_EQ(applied.id,
            R"(id|scale|t|wanted|{"b":[true,null]}|parent|capstan.dev/reset-count=a111-12.500000)");

  const auto connection = external_->ReadConnection("id", R"({"name":"n"})", Context{});
  ASSERT_TRUE(connection) << connection.error();
  EXPECT_EQ(connection->data.at("kubeconfig").Reveal(), "for id");
  EXPECT_EQ(connection->data.at("desired").Reveal(), R"({"name":"n"})");
  EXPECT_EQ(connection->data.at("binary").Reveal(), std::string_view("\x00\xFF", 2));
  EXPECT_EQ(connection->expires, WallTime(std::chrono::seconds(1'800'000'000)));
}

TEST_F(PluginTest, TheLentTransportCarriesBytesAndHeadersBothWays) {
  const auto seen = external_->Get("ask", Context{});
  ASSERT_TRUE(seen && seen->has_value()) << seen.error();
  EXPECT_EQ((*seen)->message, "207 PATCH 14");
  EXPECT_EQ(echo_.last.url, "https://api.mirror.example/x?y=1");
  EXPECT_EQ(echo_.last.headers.Get("X-Two"), "2");
  EXPECT_EQ(echo_.last.body, std::string("\x00\xFF body", 7));
}

TEST_F(PluginTest, TheDeadlineOfACallIsThatOfItsContext) {
  const auto seen = external_->Get("deadline", Context{}.Within(scheduler_, std::chrono::seconds(3)));
  ASSERT_TRUE(seen && seen->has_value()) << seen.error();
  EXPECT_EQ((*seen)->message, "3000000000");
}

TEST_F(PluginTest, ExceptionsOfAnAuthorEndInTheSdk) {
  const auto thrown = external_->Get("throw", Context{});
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().code, Code::kInternal);
  EXPECT_EQ(thrown.error().message, "the plugin failed: the author did not think of this");
  const auto odd = external_->Get("throw int", Context{});
  ASSERT_FALSE(odd);
  EXPECT_THAT(odd.error().message, HasSubstr("no std::exception"));
}

TEST(Failed, MakesTheOutcomeThatTheErrorAllows) {
  const auto verdict = [](int status, Sent sent) {
    Error error;
    error.http_status = status;
    error.sent = sent;
    return Failed(error).verdict;
  };
  EXPECT_EQ(verdict(422, Sent::kYes), Verdict::kRejected);
  EXPECT_EQ(verdict(408, Sent::kYes), Verdict::kUnknown);
  EXPECT_EQ(verdict(500, Sent::kYes), Verdict::kUnknown);
  EXPECT_EQ(verdict(0, Sent::kMaybe), Verdict::kUnknown);
  EXPECT_EQ(verdict(0, Sent::kNo), Verdict::kWait);
}

}  // namespace
}  // namespace capstan::sdk
