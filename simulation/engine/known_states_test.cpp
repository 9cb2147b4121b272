#include <capstan/simulation/engine/known_states.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <capstan/simulation/engine/explorer.hpp>

namespace capstan::simulation {
namespace {

using std::chrono::seconds;

// Effects of one shape at these states, `apart` from each other.
std::vector<Effect> RunThrough(const std::vector<std::uint64_t>& states, Duration apart,
                               const std::string& shape = "GET boxes/*") {
  std::vector<Effect> effects;
  for (const std::uint64_t state : states) {
    Effect effect;
    effect.number = static_cast<int>(effects.size()) + 1;
    effect.shape = shape;
    effect.state = state;
    effect.at = After(Instant{} + std::chrono::hours(1), apart * effect.number);
    effects.push_back(effect);
  }
  return effects;
}

std::vector<std::uint64_t> Counted(std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> states;
  for (std::uint64_t state = from; state <= to; ++state) states.push_back(state);
  return states;
}

// The number of the effect at which the run joins; 0: never.
int JoinsAt(const KnownStates& known, const std::vector<Effect>& effects, int over = 1) {
  Joining joining(&known);
  for (const Effect& effect : effects) {
    if (joining.Joins(effect, effect.number >= over)) return effect.number;
  }
  return 0;
}

class Known : public ::testing::Test {
 protected:
  const std::unique_ptr<KnownStates> known = KnownStates::Make();
};

TEST_F(Known, RunsAreJoinedByRunsThatTakeTheSameStepsForSomeEffects) {
  known->Add(RunThrough(Counted(1, 40), seconds(5)), 0);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 40), seconds(5))), kFollowed);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(11, 40), seconds(5))), kFollowed + 1)
      << "the step to the first state is another one";
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(30, 60), seconds(5))), 0);
}

TEST_F(Known, RunsAreJoinedOnlyAfterThePurposeOfTheRun) {
  known->Add(RunThrough(Counted(1, 60), seconds(5)), 0);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 60), seconds(5)), 20), 20 + kFollowed - 1);
}

TEST_F(Known, StepsBeforeTheGivenIndexAreNotLearnt) {
  known->Add(RunThrough(Counted(1, 40), seconds(5)), 20);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 20), seconds(5))), 0);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 40), seconds(5))), 20 + kFollowed);
}

TEST_F(Known, ARunThatPollsMoreOftenDoesNotJoin) {
  known->Add(RunThrough(Counted(1, 40), seconds(60)), 0);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 40), seconds(20))), 0);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 40), seconds(55))), kFollowedAtRest) << "polls are spread";
}

TEST_F(Known, ARunThatHasBecomeSlowDoesNotJoin) {
  known->Add(RunThrough(Counted(1, 40), seconds(1)), 0);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 40), seconds(100))), 0);
}

TEST_F(Known, ACycleOfKnownStatesDoesNotJoin) {
  known->Add(RunThrough(Counted(1, 40), seconds(1)), 0);
  std::vector<std::uint64_t> round;
  for (int i = 0; i < 20; ++i) round.insert(round.end(), {7, 8, 9});
  EXPECT_EQ(JoinsAt(*known, RunThrough(round, seconds(1))), 0);
}

TEST_F(Known, LeasesDoNotCountBecauseTheClockRenewsThem) {
  known->Add(RunThrough(Counted(1, 40), seconds(1), "PATCH leases/*"), 0);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 40), seconds(1), "PATCH leases/*")), 0);
}

TEST_F(Known, StepsLearntByAnotherProcessAreKnown) {
  const pid_t child = ::fork();
  if (child == 0) {
    known->Add(RunThrough(Counted(1, 40), seconds(5)), 0);
    ::_exit(0);
  }
  ASSERT_GT(child, 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(JoinsAt(*known, RunThrough(Counted(1, 40), seconds(5))), kFollowed);
}

}  // namespace
}  // namespace capstan::simulation
