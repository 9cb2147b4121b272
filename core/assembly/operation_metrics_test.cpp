#include <capstan/core/assembly/operation_metrics.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>

namespace capstan::assembly {
namespace {

Error Refusal(Code code) { return MakeError(code, "no"); }

// The id determines how each operation ends.
class SimulatedThings final : public external::External {
 public:
  explicit SimulatedThings(SimulatedScheduler& scheduler) : scheduler_(scheduler) {}
  Result<external::Account> WhoAmI(const Context&) override { return external::Account{"us", ""}; }
  Result<std::vector<external::Observed>> Find(const external::Identity&, const std::string&,
                                               const Context&) override {
    return std::vector<external::Observed>();
  }
  Result<std::optional<external::Observed>> Get(const std::string& id, const Context& context) override {
    (void)scheduler_.Sleep(std::chrono::milliseconds(250), context);
    if (id == "broken") return Fail(Refusal(Code::kUnavailable));
    if (id == "gone") return std::optional<external::Observed>();
    return std::optional<external::Observed>(external::Observed{});
  }
  external::Outcome Create(const external::Identity&, const std::string&, const Context&) override {
    return {external::Verdict::kUnknown, "", Refusal(Code::kUnavailable)};
  }
  external::Outcome Delete(const std::string&, const external::DeleteOptions&, const Context&) override {
    return {external::Verdict::kDone, "", std::nullopt};
  }

 private:
  SimulatedScheduler& scheduler_;
};

class SimulatedProvider final : public external::Provider {
 public:
  explicit SimulatedProvider(SimulatedScheduler& scheduler) : scheduler_(scheduler) {
    manifest_.name = "things";
  }
  const external::Manifest& manifest() const override { return manifest_; }
  Result<std::unique_ptr<external::External>> Connect(const std::string&, const external::Credentials&,
                                                      const Context&) override {
    return std::unique_ptr<external::External>(std::make_unique<SimulatedThings>(scheduler_));
  }

 private:
  SimulatedScheduler& scheduler_;
  external::Manifest manifest_;
};

TEST(OperationMetrics, ShowsEachOperationWithItsOutcomeInTheTextOfMetrics) {
  SimulatedScheduler scheduler;
  const auto metrics = runtime::MakePrometheusMetrics();
  const auto provider =
      MeasureOperations(std::make_unique<SimulatedProvider>(scheduler), scheduler, *metrics);
  EXPECT_EQ(provider->manifest().name, "things");
  auto made = provider->Connect("Thing", {{{"token", Secret("t0psecret")}}}, {});
  ASSERT_TRUE(made);
  external::External& things = **made;
  ASSERT_TRUE(things.WhoAmI({}));
  for (const char* id : {"a", "b", "gone", "broken"}) (void)things.Get(id, {});
  ASSERT_TRUE(things.Find({}, "{}", {}));
  EXPECT_EQ(things.Create({}, "{}", {}).verdict, external::Verdict::kUnknown);
  EXPECT_EQ(things.Delete("a", {}, {}).verdict, external::Verdict::kDone);
  EXPECT_FALSE(things.List("", {}));  // the defaults of External are counted too
  EXPECT_EQ(things.Adopt("a", {}, {}).verdict, external::Verdict::kRejected);

  const std::string text = metrics->Text();
  const auto shows = [&](const std::string& operation, const std::string& outcome, const std::string& value) {
    return text.find("capstan_external_operations_total{kind=\"Thing\",operation=\"" + operation +
                     "\",outcome=\"" + outcome + "\",plugin=\"things\"} " + value + "\n") !=
           std::string::npos;
  };
  EXPECT_TRUE(shows("get", "ok", "2")) << text;
  EXPECT_TRUE(shows("get", "not_found", "1"));
  EXPECT_TRUE(shows("get", "unavailable", "1"));
  EXPECT_TRUE(shows("who_am_i", "ok", "1"));
  EXPECT_TRUE(shows("find", "ok", "1"));
  EXPECT_TRUE(shows("create", "unknown", "1")) << text;
  EXPECT_TRUE(shows("delete", "done", "1"));
  EXPECT_TRUE(shows("list", "unimplemented", "1"));
  EXPECT_TRUE(shows("adopt", "rejected", "1"));
  EXPECT_NE(text.find("capstan_external_operation_duration_seconds_sum{operation=\"get\",plugin=\"things\"} "
                      "1\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("t0psecret"), std::string::npos);
}

}  // namespace
}  // namespace capstan::assembly
