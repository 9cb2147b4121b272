#include <capstan/simulation/engine/explorer.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/simulation/engine/forked_runs.hpp>
#include <capstan/simulation/engine/interference.hpp>
#include <capstan/simulation/engine/known_states.hpp>

namespace capstan::simulation {
namespace {

constexpr std::size_t kFindingsWithEffects = 20;  // with all effects, for the picture

using Run = DepartingRun;

bool IsRead(const Effect& effect) { return effect.what.rfind("GET", 0) == 0; }

// Whether the mishap makes a difference there.
bool Applies(Mishap mishap, const Effect& effect) {
  switch (mishap) {
    case Mishap::kConflict:
    case Mishap::kInvalid:
      return !IsRead(effect) || effect.cloud;
    case Mishap::kPauseBefore:
      return IsRead(effect) || !effect.cloud;
    default:
      return true;
  }
}

// Whether the mishap equals an earlier one of the table there: a read changes nothing on a server,
// so it makes no difference when the process dies or whether the request was executed.
bool IsAnother(Mishap mishap, const Effect& effect) {
  switch (mishap) {
    case Mishap::kCrashInFlight:
    case Mishap::kCrashAfterCommit:
    case Mishap::kCrashAfterReply:
    case Mishap::kErrorAfter:
    case Mishap::kTimeoutAfter:
      return IsRead(effect);
    default:
      return false;
  }
}

// Whether the mishap strikes before the request leaves and does not depend on it.
bool IsOfTheMoment(Mishap mishap) {
  const MishapFamily family = InfoOf(mishap).family;
  return family == MishapFamily::kWorld || family == MishapFamily::kStale;
}

class Exploration {
 public:
  Exploration(const Subject& subject, const ExploreOptions& options) : subject_(subject), options_(options) {
    summary_.scenario = subject.name;
    summary_.again = subject.again;
    if (options.merge && options.fork && subject.forks) known_ = KnownStates::Make();
  }

  // One run without mishaps; returns no effects if it already has a violation.
  std::vector<Effect> Plain() {
    RunReport report = PlainRun();
    Take({}, report);
    if (!report.violations.empty()) return {};
    if (known_ != nullptr) known_->Add(report.effects, 0);
    return std::move(report.effects);
  }

  // Whether a run with that mishap there is new.
  bool IsNew(const Effect& effect, Mishap mishap) {
    if (!options_.merge) return true;
    const std::uint64_t state = IsOfTheMoment(mishap) ? effect.moment : effect.state;
    if (!IsAnother(mishap, effect) && seen_.insert(Mix(state, static_cast<std::uint64_t>(mishap))).second)
      return true;
    ++summary_.merged;
    return false;
  }

  std::vector<Run> Singles(const std::vector<Effect>& effects, const std::vector<Mishap>& mishaps) {
    std::vector<Run> runs;
    for (const Mishap mishap : mishaps) {
      for (const Effect& effect : effects) {
        if (Applies(mishap, effect) && IsNew(effect, mishap)) runs.push_back({{{effect.number, mishap}}, 1});
      }
    }
    return runs;
  }

  // Takes a random sample of `budget` runs if there are more.
  void Draw(std::vector<Run>& runs) {
    if (runs.size() <= options_.budget) return;
    auto random = MakeSeededRandom(options_.seed);
    for (std::size_t i = 0; i < options_.budget; ++i)
      std::swap(runs[i], runs[i + static_cast<std::size_t>(random->Below(runs.size() - i))]);
    runs.resize(options_.budget);
  }

  // `then` receives each report, serialized.
  void Make(const std::vector<Run>& runs, bool states = false,
            const std::function<void(const Run&, const RunReport&)>& then = nullptr) {
    all_ += runs.size();
    if (options_.fork && subject_.forks) return Fork(runs, states, then);
    const auto work = [&] {
      for (;;) {
        std::size_t at = 0;
        {
          MutexLock lock(mutex_);
          if (next_ >= runs.size() || options_.stop.stop_requested()) return;
          at = next_++;
        }
        const RunReport report = subject_.run(runs[at].schedule, RunOptions{runs[at].seed, states});
        MutexLock lock(mutex_);
        Take(runs[at], report);
        if (then) then(runs[at], report);
        if (options_.progress) options_.progress({summary_.schedules, all_ + 1, summary_.findings.size()});
      }
    };
    next_ = 0;
    if (options_.threads == nullptr || options_.jobs <= 1) {
      work();
    } else {
      std::vector<Task> tasks;
      for (int i = 0; i < options_.jobs; ++i)
        tasks.push_back(options_.threads->Spawn("explorer", [&](const Context&) { work(); }));
      for (Task& task : tasks) task.Join();
    }
    summary_.stopped = summary_.stopped || next_ < runs.size();
  }

  Summary Done() {
    std::sort(summary_.findings.begin(), summary_.findings.end(), [](const Finding& a, const Finding& b) {
      return ScheduleText(a.schedule) < ScheduleText(b.schedule);
    });
    return std::move(summary_);
  }

 private:
  // Where runs are processes, this one is too: whatever this process had allocated and freed again
  // would be spread over the memory that all of them copy.
  RunReport PlainRun() {
    std::optional<RunReport> report;
    if (options_.fork && subject_.forks) {
      ForkOptions options;
      options.states = true;  // effects are left out otherwise
      MakeForked(subject_, {{{}, 1}}, options,
                 [&](std::size_t, RunReport made) { report = std::move(made); });
    }
    return report ? std::move(*report) : subject_.run({}, RunOptions{1, options_.merge});
  }
  void Fork(const std::vector<Run>& runs, bool states,
            const std::function<void(const Run&, const RunReport&)>& then) {
    const auto stopped = [this] { return options_.stop.stop_requested(); };
    const bool whole =
        MakeForked(subject_, runs, {options_.jobs, states, known_.get(), stopped},
                   [&](std::size_t at, RunReport report) {
                     Take(runs[at], report);
                     if (then) then(runs[at], report);
                     if (options_.progress)
                       options_.progress({summary_.schedules, all_ + 1, summary_.findings.size()});
                   });
    summary_.stopped = summary_.stopped || !whole;
  }

  void Take(const Run& run, const RunReport& report) {
    ++summary_.schedules;
    summary_.effects += report.effects.size() + report.left_out;
    summary_.joined += report.joined ? 1 : 0;
    if (report.violations.empty()) return;
    Finding finding{run.schedule, run.seed, Join(report.violations, "; "), report.timeline, {}};
    if (summary_.findings.size() < kFindingsWithEffects) finding.effects = report.effects;
    summary_.findings.push_back(std::move(finding));
  }

  // Constant after construction.
  const Subject& subject_;
  const ExploreOptions& options_;

  // Guarded by mutex_ while Make runs; otherwise for the exploring thread.
  Mutex mutex_;
  std::size_t next_ = 0;
  std::uint64_t all_ = 0;
  Summary summary_;
  std::unordered_set<std::uint64_t> seen_;
  std::unique_ptr<KnownStates> known_;  // null: every run executes to its end
};

}  // namespace

std::string ScheduleText(const Schedule& schedule) {
  if (schedule.empty()) return "none";
  std::vector<std::string> parts;
  for (const auto& item : schedule) parts.push_back(StrCat(item.effect, ":", MishapName(item.mishap)));
  return Join(parts, ",");
}

namespace {

Result<Perturbation> ParsePerturbation(const std::string& part) {
  Perturbation item;
  const char* const end = part.data() + part.size();
  const auto number = std::from_chars(part.data(), end, item.effect);
  if (number.ec == std::errc() && item.effect > 0 && number.ptr != end && *number.ptr == ':') {
    for (const MishapInfo& info : MishapTable()) {
      if (std::string_view(number.ptr + 1, end) == info.name) item.mishap = info.mishap;
    }
  }
  if (item.mishap != Mishap::kNone) return item;
  return Fail(Code::kInvalidArgument, StrCat("\"", Shorten(part, 60),
                                             "\" is no perturbation; write EFFECT:MISHAP, such as "
                                             "12:crash-before"));
}

}  // namespace

Result<Schedule> ParseSchedule(const std::string& text) {
  Schedule schedule;
  if (text == "none" || text.empty()) return schedule;
  std::unordered_set<int> struck;
  for (const auto& part : Split(text, ',')) {
    CAPSTAN_TRY(const Perturbation item, ParsePerturbation(part));
    if (!struck.insert(item.effect).second)
      return Fail(Code::kInvalidArgument,
                  StrCat("effect ", item.effect, " has two mishaps, and only one can strike there"));
    schedule.push_back(item);
  }
  return schedule;
}

std::string Summary::ToString() const {
  std::string text = StrCat(scenario, ": ", schedules, " schedules, ", effects, " effects, ", findings.size(),
                            " violations", merged > 0 ? StrCat(" (", merged, " merged)") : "",
                            stopped ? ", stopped before the end" : "", "\n");
  for (const auto& finding : findings) {
    text += StrCat("  violated: ", finding.violation, "\n  again with: ", again,
                   " --schedule=", ScheduleText(finding.schedule),
                   finding.seed == 1 ? "" : StrCat(" --seed=", finding.seed), "\n", finding.timeline);
  }
  return text;
}

void Summary::Add(const Summary& other) {
  schedules += other.schedules;
  effects += other.effects;
  merged += other.merged;
  joined += other.joined;
  stopped = stopped || other.stopped;
  findings.insert(findings.end(), other.findings.begin(), other.findings.end());
}

Summary ExploreSingles(const Subject& subject, const std::vector<Mishap>& mishaps,
                       const ExploreOptions& options) {
  Exploration exploration(subject, options);
  auto runs = exploration.Singles(exploration.Plain(), mishaps);
  exploration.Draw(runs);
  exploration.Make(runs);
  return exploration.Done();
}

Summary ExplorePairs(const Subject& subject, const std::vector<Mishap>& first,
                     const std::vector<Mishap>& second, int reach, const ExploreOptions& options) {
  Exploration exploration(subject, options);
  const auto plain = exploration.Plain();
  const auto singles = exploration.Singles(plain, first);
  std::vector<Run> pairs;
  const auto add = [&](const Perturbation& one, int effect, const Effect* seen) {
    for (const Mishap mishap : second) {
      if (seen == nullptr ? true : Applies(mishap, *seen)) {
        if (seen == nullptr || exploration.IsNew(*seen, mishap))
          pairs.push_back({{one, {effect, mishap}}, 1});
      }
    }
  };
  if (options.merge) {
    // The states after a first mishap are known only after running it.
    exploration.Make(singles, true, [&](const Run& run, const RunReport& report) {
      const Perturbation& one = run.schedule.front();
      for (const Effect& effect : report.effects) {
        if (effect.number > one.effect && effect.number <= one.effect + reach)
          add(one, effect.number, &effect);
      }
    });
  } else {
    for (const Run& run : singles) {
      for (int effect = 1; effect <= reach; ++effect)
        add(run.schedule.front(), run.schedule.front().effect + effect, nullptr);
    }
  }
  exploration.Draw(pairs);
  exploration.Make(pairs);
  return exploration.Done();
}

Summary ExploreWalks(const Subject& subject, int walks, int faults, const ExploreOptions& options) {
  Exploration exploration(subject, options);
  const auto count = exploration.Plain().size();
  auto random = MakeSeededRandom(options.seed);
  std::vector<Run> runs;
  for (int walk = 0; count > 0 && walk < walks; ++walk) {
    Run run;
    run.seed = options.seed + static_cast<std::uint64_t>(walk) + 2;
    for (int fault = 0; fault < faults; ++fault) {
      const auto effect = static_cast<int>(random->Below(static_cast<std::uint64_t>(count) * 2)) + 1;
      run.schedule.push_back(
          {effect, subject.mishaps[static_cast<std::size_t>(random->Below(subject.mishaps.size()))]});
    }
    std::sort(run.schedule.begin(), run.schedule.end(),
              [](const auto& a, const auto& b) { return a.effect < b.effect; });
    // Only one mishap strikes at an effect.
    const auto same = std::unique(run.schedule.begin(), run.schedule.end(),
                                  [](const auto& a, const auto& b) { return a.effect == b.effect; });
    run.schedule.erase(same, run.schedule.end());
    runs.push_back(std::move(run));
  }
  exploration.Make(runs);
  return exploration.Done();
}

Summary ExploreTwoAlive(const Subject& subject, const ExploreOptions& options) {
  return ExploreSingles(subject, {Mishap::kPauseBefore, Mishap::kPauseAfter}, options);
}

Schedule Minimise(const Subject& subject, Schedule schedule, std::uint64_t seed) {
  for (std::size_t i = 0; i < schedule.size();) {
    Schedule shorter = schedule;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    if (subject.run(shorter, RunOptions{seed, false}).violations.empty()) {
      ++i;
    } else {
      schedule = std::move(shorter);
    }
  }
  return schedule;
}

}  // namespace capstan::simulation
