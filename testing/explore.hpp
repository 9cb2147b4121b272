// Explore tries everything that can go wrong, at every effect of an operator: each request that it
// sends, and each watch that it opens, is a moment at which the process dies, the server fails, a
// cache shows what was, another replica starts, or rights are gone.
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
// The scenario runs once to number the effects, then again from nothing for every effect and every
// mishap, on an embedded server and simulated time. In each run
//  - your invariants hold after every effect;
//  - it converges: in the end the server holds what it holds when nothing goes wrong, but for
//    times, versions and uids;
//  - it falls quiet: for an hour nothing is written, and little more is asked than without mishaps.
//
// What your functions keep outside of objects (a static map) outlives a crash here, as it does not
// in life: leave it out. Always embedded, whatever CAPSTAN_TEST_KUBECONFIG says. The same every
// time; CAPSTAN_EXPLORE=<schedule> runs the one schedule that a finding names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <capstan/testing/cluster.hpp>

namespace capstan::testing {

// What people do. Called once a run; steps must not assert, since things go wrong on purpose: wait
// for what has to come about with Cluster::Until.
struct Scenario {
  std::function<void(Cluster&)> before = nullptr;  // before the operator starts: its CRDs
  std::function<void(Cluster&)> act = nullptr;
  // What people may do at any moment, tried at every effect too: an edit, a deletion. Runs with it
  // need not end as others do.
  std::function<void(Cluster&)> meddle = nullptr;
};

// What has to hold after every effect. Looks with Get, List and the like, and changes nothing.
struct Invariant {
  std::string name;
  std::function<bool(Cluster&)> holds;
};

struct ExploreSettings {
  // Two mishaps in a run, besides one: that many pairs, drawn by `seed`; a crash, then a crash or a
  // failure within the next twelve effects.
  std::size_t pairs = 0;
  std::size_t runs = ~std::size_t{0};  // at most so many with one mishap, drawn by `seed`
  std::uint64_t seed = 1;
  std::size_t enough = 3;                     // findings after which it stops
  int jobs = 1;                               // runs at a time; above 1 your functions must be thread-safe
  Duration patience = std::chrono::hours(1);  // within which it has to converge
  Duration quiet = std::chrono::hours(1);     // for which nothing may be written; zero: not looked at
  // JSON pointers to what may differ in the end, such as "/status/attempts".
  std::vector<std::string> ignored = {};
  std::string page = {};      // a file for the findings as an HTML page, with pictures
  std::string schedule = {};  // run this alone; empty: $CAPSTAN_EXPLORE, else all
};

// What was found.
struct Explored {
  struct Finding {
    std::string violation;  // "there is one page at most, violated after effect 17 (…)"
    std::string schedule;   // "12:crash-after-commit": the shortest that shows it
    std::string text;       // the same in words, with the effects around it
  };
  std::uint64_t runs = 0, effects = 0;
  bool stopped = false;  // after enough findings, before all was tried
  std::vector<Finding> findings;
  explicit operator bool() const { return findings.empty(); }
  friend std::ostream& operator<<(std::ostream& out, const Explored& explored);
};

// Ends the process with a line on standard error when the operator cannot run at all
// (Operator::Check) or the schedule does not parse.
Explored Explore(const Operator& description, const Scenario& scenario,
                 const std::vector<Invariant>& invariants = {}, const ExploreSettings& settings = {});

}  // namespace capstan::testing
