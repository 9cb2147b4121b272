#include <capstan/testing/explore.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/simulation/engine/finding_report.hpp>
#include <capstan/testing/worlds/explored_world.hpp>

namespace capstan::testing {

using simulation::Effect;
using simulation::Mishap;

namespace {

// Longer than every pause and delay, and than every refusal with the backoff after it.
constexpr Duration kAftermath = std::chrono::minutes(2);
constexpr Duration kRefusalAftermath = std::chrono::minutes(16);
constexpr int kReach = 12;  // effects between the two failures of a pair

bool OfLease(const Effect& effect) { return effect.what.find("/leases/") != std::string::npos; }
bool Writes(const Effect& effect) {
  return effect.what.rfind("GET", 0) != 0 && !OfLease(effect) &&
         effect.what.find("/events") == std::string::npos;
}

}  // namespace

// One exploration: its input, and the final state of a run without failures.
class Exploration {
 public:
  Exploration(const Operator& description, const Scenario& scenario, const std::vector<Invariant>& invariants,
              const ExploreSettings& settings)
      : description_(description), scenario_(scenario), invariants_(invariants), settings_(settings) {
    if (const Status fit = description.Check(); !fit) EndOfTest(fit.error().message);
  }

  // The run without failures, which defines how the others must end.
  void Learn() { learnt_ = RunOnce({}, {}, nullptr); }

  simulation::RunReport Run(const simulation::Schedule& schedule, const simulation::RunOptions& options) {
    simulation::RunReport report;
    (void)RunOnce(schedule, options, &report);
    return report;
  }

  std::vector<Mishap> Mishaps() const {
    std::vector<Mishap> all;
    for (const Mishap mishap : simulation::FullMishaps(false)) {
      const bool elects = description_.options().leader_elect;
      if (!elects && (simulation::IsPause(mishap) || mishap == Mishap::kLeaseLost)) continue;
      all.push_back(mishap);
    }
    if (scenario_.user_action) all.push_back(Mishap::kUserEdit);
    return all;
  }

 private:
  // The end of a run.
  struct End {
    std::map<std::string, Json> objects;
    std::size_t asked = 0;  // requests during the quiet time
  };
  struct OneRun {
    ExploredWorld& world;
    Cluster& cluster;
    std::vector<std::string> violations;
    std::set<std::string> broken;  // invariants that are already reported
    bool meddled = false;
    void Violate(std::string what) { violations.push_back(std::move(what)); }
  };

  End RunOnce(const simulation::Schedule& schedule, const simulation::RunOptions& options,
              simulation::RunReport* report) {
    auto owned = std::make_unique<ExploredWorld>(options.seed);
    ExploredWorld& world = *owned;
    Cluster cluster(std::move(owned));
    OneRun run{world, cluster, {}, {}, false};
    Arm(run, schedule, options.states);
    if (scenario_.before) scenario_.before(cluster);
    cluster.Start(description_);
    if (scenario_.act) scenario_.act(cluster);
    End end = Finish(run);
    world.effects.check = nullptr;
    world.effects.script = nullptr;
    if (world.effects.endless)
      run.Violate(StrCat("does not come to rest: more than ", world.effects.most, " requests"));
    if (report != nullptr) {
      report->violations = std::move(run.violations);
      if (!report->violations.empty()) {
        const int last =
            schedule.empty() ? static_cast<int>(world.effects.effects.size()) : schedule.back().effect + 2;
        report->timeline = world.effects.Timeline(last, 40);
      }
      report->effects = world.effects.effects;  // effects in flight are still to be finished
    }
    return end;
  }

  void Arm(OneRun& run, const simulation::Schedule& schedule, bool states) {
    ExploredWorld& world = run.world;
    if (description_.options().leader_elect) world.lease = description_.options().name;
    world.effects.script = [&schedule](const Effect& effect) {
      for (const auto& item : schedule) {
        if (item.effect == effect.number) return item.mishap;
      }
      return Mishap::kNone;
    };
    if (scenario_.user_action) {
      world.user_action = [this, &run] {
        run.meddled = true;
        scenario_.user_action(run.cluster);
      };
    }
    if (states) world.effects.digest = [&world] { return world.Digest(); };
    world.effects.check = [this, &run](const Effect& effect) {
      Check(run, StrCat("violated after effect ", effect.number, " (", effect.what, ")"));
    };
  }

  void Check(OneRun& run, const std::string& when) {
    run.world.Look([&] {
      for (const Invariant& invariant : invariants_) {
        if (run.broken.count(invariant.name) != 0 || invariant.holds(run.cluster)) continue;
        run.broken.insert(invariant.name);
        run.Violate(StrCat(invariant.name, ": ", when));
      }
    });
  }

  std::map<std::string, Json> Snapshot(OneRun& run) { return run.world.Snapshot(settings_.ignored); }

  // Lets the operator converge and become quiet.
  End Finish(OneRun& run) {
    Cluster& cluster = run.cluster;
    cluster.Settle();
    const bool compared = learnt_ && !run.meddled;
    if (compared) {
      const Instant until = After(run.world.scheduler().Now(), settings_.patience);
      Duration step = std::chrono::seconds(1);
      while (run.world.scheduler().Now() < until && !DifferencesOf(Snapshot(run), learnt_->objects).empty()) {
        cluster.Run(step);
        step = std::min<Duration>(step * 2, std::chrono::minutes(5));
      }
    }
    cluster.Run(run.world.effects.refusals.empty() ? kAftermath : kRefusalAftermath);
    End end;
    if (settings_.quiet > Duration::zero()) {
      const std::size_t from = run.world.effects.effects.size();
      cluster.Run(settings_.quiet);
      CheckQuiet(run, from, end);
    }
    end.objects = Snapshot(run);
    if (!compared) return end;
    if (const std::string differs = DifferencesOf(end.objects, learnt_->objects); !differs.empty())
      run.Violate(StrCat("it does not converge: ", differs));
    return end;
  }

  void CheckQuiet(OneRun& run, std::size_t from, End& end) {
    const auto& effects = run.world.effects.effects;
    std::size_t writes = 0;
    const Effect* written = nullptr;
    for (std::size_t i = from; i < effects.size(); ++i) {
      if (!OfLease(effects[i])) ++end.asked;
      if (!Writes(effects[i])) continue;
      ++writes;
      written = &effects[i];
    }
    const std::string during = FormatDuration(settings_.quiet);
    if (writes > 0) {
      run.Violate(StrCat("it does not fall quiet: ", writes, " writes in the ", during,
                         " after everything was over, the last was effect ", written->number, " (",
                         written->what, ")"));
    }
    // A second replica sends as many requests as the first.
    if (learnt_ && end.asked > learnt_->asked * 2 + 30) {
      run.Violate(StrCat("it does not fall quiet: ", end.asked, " requests in ", during, ", and ",
                         learnt_->asked, " when nothing goes wrong"));
    }
  }

  const Operator& description_;
  const Scenario& scenario_;
  const std::vector<Invariant>& invariants_;
  const ExploreSettings& settings_;
  std::optional<End> learnt_;
};

namespace {

// The first finding of each violation, with its schedule made as short as possible.
void Report(const simulation::Subject& subject, simulation::Summary& summary, Explored& explored) {
  std::set<std::string> told;
  std::vector<simulation::Finding> kept;
  std::stable_sort(summary.findings.begin(), summary.findings.end(),
                   [](const auto& a, const auto& b) { return a.schedule.size() < b.schedule.size(); });
  for (simulation::Finding& finding : summary.findings) {
    if (!told.insert(finding.violation.substr(0, finding.violation.find(':'))).second) continue;
    if (finding.schedule.size() > 1) {
      finding.schedule = simulation::Minimise(subject, finding.schedule, finding.seed);
      simulation::RunReport again = subject.run(finding.schedule, {finding.seed, false});
      finding.violation = Join(again.violations, "; ");
      finding.timeline = again.timeline;
      finding.effects = std::move(again.effects);
    }
    explored.findings.push_back({finding.violation, simulation::ScheduleText(finding.schedule),
                                 simulation::FindingText(finding, subject.again)});
    kept.push_back(std::move(finding));
  }
  summary.findings = std::move(kept);
}

}  // namespace

Explored Explore(const Operator& description, const Scenario& scenario,
                 const std::vector<Invariant>& invariants, const ExploreSettings& settings) {
  const char* named = std::getenv("CAPSTAN_EXPLORE");
  const std::string only = !settings.schedule.empty() ? settings.schedule : named != nullptr ? named : "";
  const auto schedule = simulation::ParseSchedule(only);
  if (!schedule) EndOfTest(schedule.error().message);
  Exploration exploration(description, scenario, invariants, settings);
  exploration.Learn();
  simulation::Subject subject;
  subject.name = description.options().name;
  subject.again = "CAPSTAN_EXPLORE=";
  subject.mishaps = exploration.Mishaps();
  subject.run = [&](const simulation::Schedule& steps, const simulation::RunOptions& options) {
    return exploration.Run(steps, options);
  };
  simulation::Summary summary;
  if (!only.empty()) {
    simulation::RunReport report = subject.run(*schedule, {});
    summary.scenario = subject.name;
    summary.schedules = 1;
    summary.effects = report.effects.size();
    if (!report.violations.empty())
      summary.findings.push_back(
          {*schedule, 1, Join(report.violations, "; "), report.timeline, report.effects});
  } else {
    ThreadScheduler threads;
    std::stop_source stop;
    simulation::ExploreOptions options;
    options.threads = &threads;
    options.jobs = std::max(1, settings.jobs);
    options.budget = settings.runs;
    options.seed = settings.seed;
    options.stop = stop.get_token();
    options.progress = [&](const simulation::Progress& progress) {
      if (progress.findings >= settings.enough) stop.request_stop();
    };
    summary = simulation::ExploreSingles(subject, subject.mishaps, options);
    if (settings.pairs > 0 && summary.findings.empty()) {
      options.budget = settings.pairs;
      summary.Add(simulation::ExplorePairs(
          subject, {Mishap::kCrashBefore, Mishap::kCrashInFlight, Mishap::kCrashAfterCommit},
          simulation::AllMishaps(), kReach, options));
    }
  }
  Explored explored;
  explored.runs = summary.schedules;
  explored.effects = summary.effects;
  explored.stopped = summary.stopped;
  Report(subject, summary, explored);
  if (!settings.page.empty() && !summary.findings.empty()) {
    const Status written =
        MakeSystemFiles()->WriteAtomically(settings.page, simulation::FindingsPage(summary));
    if (!written) EndOfTest(written.error().message);
  }
  return explored;
}

std::ostream& operator<<(std::ostream& out, const Explored& explored) {
  out << "explored: " << explored.runs << " runs, " << explored.effects << " effects, "
      << explored.findings.size() << " violations" << (explored.stopped ? ", stopped before the end" : "")
      << "\n";
  for (const Explored::Finding& finding : explored.findings) out << finding.text;
  return out;
}

}  // namespace capstan::testing
