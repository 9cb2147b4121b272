// Several processes of one operator on one API server and one clock, started as by Operator::Run.
#include <capstan/core/operator/running_operator.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/assembly/testing/assembly_test.hpp>
#include <capstan/core/kube/builtin_kinds.hpp>
#include <capstan/core/operator/testing/widget.hpp>

namespace capstan {
namespace {

using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;

class RunningOperatorTest : public assembly::AssemblyTest {
 protected:
  RunningOperatorTest() {
    for (Operator* one : {&website, &elected, &of_a, &of_b})
      one->For(WidgetKind()).Reconcile([](Turn<>&) { return Status(); });
  }
  std::unique_ptr<RunningOperator> Process(const Operator& description, const std::string& holder) {
    return std::make_unique<RunningOperator>(
        description,
        OperatorParts{scheduler, *random, log, wire, wire, "http://api", holder, "default", true});
  }
  Status CheckAlone(RunningOperator& process) {
    Status alone;
    Do([&](const Context& context) { alone = process.CheckAlone(context); });
    return alone;
  }
  // Starts it as Operator::Run does, and lets it settle.
  Status Begin(RunningOperator& process) {
    CAPSTAN_RETURN_IF_ERROR(CheckAlone(process));
    process.Start();
    scheduler.RunFor(seconds(5));
    return {};
  }
  std::vector<std::string> Events() {
    std::vector<std::string> found;
    Do([&](const Context& context) {
      const auto events = client.ListAll(kube::EventKind(), "", {}, context);
      for (const auto& event : *events) {
        found.push_back(event.StringAt("/involvedObject/kind").value_or("") + " " +
                        event.StringAt("/reason").value_or("") + ": " +
                        event.StringAt("/message").value_or(""));
      }
    });
    return found;
  }

  Operator website{{.name = "website"}}, elected{{.name = "website", .leader_elect = true}};
  Operator of_a{{.name = "website", .namespaces = {"team-a"}}},
      of_b{{.name = "website", .namespaces = {"team-b"}}};
};

TEST_F(RunningOperatorTest, WithoutAnElectionDoesNotStartNextToALiveOneOfItsNameAndAnEventSaysSo) {
  const auto first = Process(website, "first"), second = Process(website, "second");
  ASSERT_TRUE(Begin(*first));
  const Status alone = CheckAlone(*second);
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(alone.error().message, HasSubstr("first holds Lease default/website"));
  EXPECT_THAT(alone.error().message, HasSubstr("--leader-elect"));
  EXPECT_THAT(Events(), Contains(HasSubstr("Lease TwoOperators: second does not start: another operator")));
  ASSERT_TRUE(first->Stop());
  EXPECT_TRUE(Begin(*second)) << "the first has ended";
  EXPECT_TRUE(second->Stop());
}

TEST_F(RunningOperatorTest, ThatCrashedBlocksNoOther) {
  auto first = Process(website, "first");
  ASSERT_TRUE(Begin(*first));
  first.reset();  // releases nothing
  EXPECT_TRUE(CheckAlone(*Process(website, "second")));
}

TEST_F(RunningOperatorTest, WithAnElectionWaitsForOneWithout) {
  const auto first = Process(website, "first"), second = Process(elected, "second");
  ASSERT_TRUE(Begin(*first));
  ASSERT_TRUE(Begin(*second));
  scheduler.RunFor(std::chrono::minutes(2));
  EXPECT_FALSE(second->leading());
  ASSERT_TRUE(first->Stop());
  scheduler.RunFor(std::chrono::minutes(1));
  EXPECT_TRUE(second->leading());
  EXPECT_TRUE(second->Stop());
}

TEST_F(RunningOperatorTest, OfOtherNamespacesOrAnotherNameBlocksNoOther) {
  Operator mirror({.name = "mirror"});
  mirror.For(WidgetKind()).Reconcile([](Turn<>&) { return Status(); });
  const auto a = Process(of_a, "a"), b = Process(of_b, "b"), other = Process(mirror, "other");
  EXPECT_TRUE(Begin(*a));
  EXPECT_TRUE(Begin(*b));
  EXPECT_TRUE(Begin(*other));
  EXPECT_FALSE(CheckAlone(*Process(of_a, "a again")));
}

TEST_F(RunningOperatorTest, WaitsForAnUnreachableApiServerAndSaysSo) {
  wire.Route("api", nullptr);
  const auto process = Process(website, "first");
  Status alone = Fail(Code::kInternal, "not asked");
  Task asking =
      scheduler.Spawn("asking", [&](const Context& context) { alone = process->CheckAlone(context); });
  scheduler.RunFor(std::chrono::minutes(3));
  EXPECT_FALSE(asking.finished());
  EXPECT_TRUE(log.Contains("waiting for the Kubernetes API"));
  wire.Route("api", api.get());
  ASSERT_TRUE(scheduler.RunUntil([&] { return asking.finished(); }, std::chrono::minutes(1)));
  EXPECT_TRUE(alone);
}

}  // namespace
}  // namespace capstan
