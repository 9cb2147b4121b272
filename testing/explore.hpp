// Explore injects every kind of failure at every effect of an operator. An effect is a request that
// the operator sends or a watch that it opens; at each one the process crashes, the server fails, a
// cache is stale, another replica starts, or permissions are missing.
//
//   TEST(Website, SurvivesWhateverHappens) {
//     Operator website({.name = "website"});
//     Configure(website);
//     const auto explored = capstan::testing::Explore(
//         website,
//         {.before = [](Cluster& cluster) { (void)cluster.ApplyFile("crd.yaml"); },
//          .act = [](Cluster& cluster) { (void)cluster.Apply(kHome); }},
//         {{"there is one page at most",
//           [](Cluster& cluster) { return cluster.List(kube::ConfigMapKind()).size() <= 1; }}});
//     EXPECT_TRUE(explored) << explored;
//   }
//
// The scenario runs once to number the effects, then again from scratch for every effect and every
// kind of failure, on an embedded server and in simulated time. In each run
// - your invariants hold after every effect;
// - the operator converges: in the end the server contains the same objects as after a run without
//   failures, except for times, versions and uids;
// - it becomes quiet: for an hour it writes nothing and sends hardly more requests than without
//   failures.
//
// State that your functions keep outside of objects (a static map) survives a crash here but not in
// reality: avoid it. Always embedded, regardless of CAPSTAN_TEST_KUBECONFIG. Deterministic;
// CAPSTAN_EXPLORE=<schedule> runs only the schedule that a finding names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <capstan/testing/cluster.hpp>

namespace capstan::testing {

// The actions of users. Called once in each run; steps must not assert, because failures are
// expected: use Cluster::Until to wait for results.
struct Scenario {
  std::function<void(Cluster&)> before = nullptr;  // before the operator starts: its CRDs
  std::function<void(Cluster&)> act = nullptr;
  // An action that users can take at any moment, also tried at every effect: an edit, a deletion.
  // Runs that include it can end in a different state.
  std::function<void(Cluster&)> user_action = nullptr;
};

// A property that must hold after every effect. Reads with Get, List and the like, and changes
// nothing.
struct Invariant {
  std::string name;
  std::function<bool(Cluster&)> holds;
};

struct ExploreSettings {
  // The number of runs with two failures, in addition to those with one, drawn by `seed`: a crash,
  // then a crash or a failure within the next twelve effects.
  std::size_t pairs = 0;
  std::size_t runs = ~std::size_t{0};  // maximum of runs with one failure, drawn by `seed`
  std::uint64_t seed = 1;
  std::size_t enough = 3;                     // the number of findings after which it stops
  int jobs = 1;                               // concurrent runs; above 1 your functions must be thread-safe
  Duration patience = std::chrono::hours(1);  // the time within which it must converge
  Duration quiet = std::chrono::hours(1);     // how long nothing may be written; zero: not checked
  // JSON pointers to fields that can differ in the end, such as "/status/attempts".
  std::vector<std::string> ignored = {};
  std::string page = {};      // a file for the findings as an HTML page, with diagrams
  std::string schedule = {};  // run only this; empty: $CAPSTAN_EXPLORE, else all
};

// The result.
struct Explored {
  struct Finding {
    std::string violation;  // "there is one page at most, violated after effect 17 (…)"
    std::string schedule;   // "12:crash-after-commit": the shortest that reproduces it
    std::string text;       // the same in words, with the surrounding effects
  };
  std::uint64_t runs = 0, effects = 0;
  bool stopped = false;  // after enough findings, before all runs were done
  std::vector<Finding> findings;
  explicit operator bool() const { return findings.empty(); }
  friend std::ostream& operator<<(std::ostream& out, const Explored& explored);
};

// Ends the process with a line on standard error if the operator cannot run at all
// (Operator::Check) or the schedule does not parse.
Explored Explore(const Operator& description, const Scenario& scenario,
                 const std::vector<Invariant>& invariants = {}, const ExploreSettings& settings = {});

}  // namespace capstan::testing
