#include <capstan/simulation/engine/console.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <ostream>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/simulation/engine/finding_report.hpp>

namespace capstan::simulation {

namespace {

// CPU time of this process and its forked children, in seconds.
double ProcessorTime() {
  double seconds = 0;
  for (const int whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(whose, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
      seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  }
  return seconds;
}

// A mishap that needs something the subject lacks would not strike, and look survived.
Status CheckMeets(const Subject& subject, Mishap mishap) {
  const MishapInfo& info = InfoOf(mishap);
  const auto& own = subject.mishaps;
  if (!(info.full_only || info.meddles) || std::find(own.begin(), own.end(), mishap) != own.end()) return {};
  std::vector<std::string> names;
  for (const Mishap one : own) names.push_back(MishapName(one));
  return Fail(Code::kInvalidArgument, StrCat("these lives of ", subject.name, " cannot meet ", info.name,
                                             "; they can meet ", Join(names, ", ")));
}

int LivesAMinute(std::uint64_t lives, double seconds) {
  return static_cast<int>(static_cast<double>(lives) / std::max(seconds, 0.001) * 60);
}

}  // namespace

Result<std::vector<Mishap>> MishapsNamed(const std::string& names, const Subject& subject) {
  if (names.empty()) return subject.mishaps;
  std::vector<Mishap> wanted;
  for (const std::string& name : Split(names, ',')) {
    const auto& table = MishapTable();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const MishapInfo& info) { return info.name == name; });
    if (found == table.end()) {
      std::vector<std::string> all;
      for (const MishapInfo& info : table) all.push_back(info.name);
      return Fail(Code::kInvalidArgument,
                  StrCat("there is no mishap \"", Shorten(name, 60), "\"; there are ", Join(all, ", ")));
    }
    CAPSTAN_RETURN_IF_ERROR(CheckMeets(subject, found->mishap));
    wanted.push_back(found->mishap);
  }
  return wanted;
}

ConsoleExplorer::ConsoleExplorer(Scheduler& threads, ConsoleOptions options, std::ostream& out,
                                 std::ostream& progress)
    : options_(std::move(options)), out_(out), progress_(progress) {
  exploring_.threads = &threads;
  exploring_.jobs = std::max(options_.jobs, 1);
  exploring_.merge = options_.merge;
  exploring_.fork = options_.fork;
  exploring_.seed = options_.seed;
  exploring_.stop = stop_.get_token();
  exploring_.progress = [this](const Progress& done) {
    (void)Interrupted();
    Show(done);
  };
}

bool ConsoleExplorer::Interrupted() {
  if (options_.interrupted && options_.interrupted()) stop_.request_stop();
  return stopped();
}

Result<bool> ConsoleExplorer::Explore(const Subject& subject) {
  CAPSTAN_TRY(const auto mishaps, MishapsNamed(options_.mishaps, subject));
  constexpr auto kAll = ~std::size_t{0};
  name_ = subject.name;
  shown_ = {};
  const double began = ProcessorTime();
  Summary summary;
  const auto explore = [&](bool wanted, std::int64_t budget, const std::string& what,
                           const std::function<Summary()>& runs) {
    if (!wanted || Interrupted()) return;
    const double start = ProcessorTime();
    exploring_.budget = budget > 0 ? static_cast<std::size_t>(budget) : kAll;
    const Summary part = runs();
    if (options_.table)
      PrintRow(StrCat("`", subject.name, "`", what), subject, part, ProcessorTime() - start);
    summary.Add(part);
  };
  explore(options_.singles, options_.budget, "",
          [&] { return ExploreSingles(subject, mishaps, exploring_); });
  explore(options_.pairs != 0, options_.pairs, StrCat(", pairs within ", options_.reach, " effects"),
          [&] { return ExplorePairs(subject, mishaps, mishaps, options_.reach, exploring_); });
  explore(options_.walks > 0, 0, ", walks with 3 mishaps",
          [&] { return ExploreWalks(subject, options_.walks, 3, exploring_); });
  if (options_.shows_progress) progress_ << "\r\033[K" << std::flush;
  if (!options_.table) Print(subject, summary, ProcessorTime() - began);
  all_.Add(summary);
  return summary.findings.empty();
}

Result<bool> ConsoleExplorer::Replay(const Subject& subject, const std::string& text) {
  CAPSTAN_TRY(const Schedule schedule, ParseSchedule(text));
  for (const Perturbation& one : schedule) CAPSTAN_RETURN_IF_ERROR(CheckMeets(subject, one.mishap));
  const RunReport report = subject.run(schedule, RunOptions{options_.seed, false});
  for (const Perturbation& one : schedule) {
    if (report.violations.empty() && static_cast<std::size_t>(one.effect) > report.effects.size()) {
      return Fail(Code::kInvalidArgument, StrCat(ScheduleText({one}), " never strikes: the run has ",
                                                 report.effects.size(), " effects"));
    }
  }
  out_ << subject.name << " with " << ScheduleText(schedule) << ": " << report.effects.size() << " effects, "
       << report.violations.size() << " violations\n";
  for (const std::string& violation : report.violations) out_ << "violated: " << violation << "\n";
  out_ << report.timeline << std::flush;
  Finding finding{schedule, options_.seed, Join(report.violations, "; "), report.timeline, report.effects};
  all_.schedules += 1;
  all_.effects += report.effects.size();
  if (!report.violations.empty()) all_.findings.push_back(std::move(finding));
  return report.violations.empty();
}

std::string ConsoleExplorer::Document(const std::string& title, const std::string& again) const {
  Summary all = all_;
  all.scenario = title;
  all.again = again;
  return FindingsDocument(all);
}

Status ConsoleExplorer::WritePage(const std::string& file, const std::string& title,
                                  const std::string& again) {
  Summary page = all_;
  page.scenario = title;
  page.again = again;
  std::ofstream stream(file);
  if (stream << FindingsPage(page) << std::flush) return {};
  return Fail(Code::kUnavailable, "cannot write " + file + ": check that its folder exists");
}

void ConsoleExplorer::Show(const Progress& progress) {
  const Instant now = exploring_.threads->Now();
  const Duration pause =
      options_.shows_progress ? Duration(std::chrono::milliseconds(200)) : std::chrono::minutes(1);
  if (shown_ != Instant{} && now - shown_ < pause) return;
  shown_ = now;
  if (!options_.shows_progress) {
    progress_ << name_ << ": " << progress.done << " of " << progress.all << " schedules, "
              << progress.findings << " violations so far" << std::endl;
    return;
  }
  progress_ << "\r\033[K" << name_ << ": " << progress.done << " of " << progress.all << " schedules, "
            << progress.findings << " violations" << std::flush;
}

void ConsoleExplorer::PrintRow(const std::string& name, const Subject& subject, const Summary& summary,
                               double seconds) {
  out_ << "| " << name << " | " << summary.schedules << " | " << summary.merged << " | " << summary.joined
       << " | " << summary.effects << " | " << summary.findings.size() << " | "
       << LivesAMinute(summary.schedules, seconds) << " |\n"
       << std::flush;
  if (options_.shows_progress) progress_ << "\r\033[K";
  for (const Finding& finding : summary.findings) progress_ << FindingText(finding, subject.again);
  progress_ << std::flush;
}

void ConsoleExplorer::Print(const Subject& subject, Summary& summary, double seconds) {
  out_ << subject.name << ": " << summary.schedules << " schedules, " << summary.effects << " effects, "
       << summary.merged << " merged, " << summary.joined << " joined, " << summary.findings.size()
       << " violations, " << LivesAMinute(summary.schedules, seconds) << " lives a minute of processor time"
       << (summary.stopped ? ", stopped before the end" : "") << "\n";
  for (Finding& finding : summary.findings) {
    if (!Interrupted()) finding.schedule = Minimise(subject, finding.schedule, finding.seed);
    out_ << FindingText(finding, subject.again);
  }
  out_ << std::flush;
}

}  // namespace capstan::simulation
