#include <capstan/simulation/engine/forked_runs.hpp>

#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <new>
#include <string_view>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/simulation/engine/known_states.hpp>

namespace capstan::simulation {
namespace {

// Memory that all processes share.
struct Shared {
  sem_t turns;  // one for each additional process that may run
  std::atomic<bool> stop{false};
};

// ---- Serialization of a report between processes.

class Writer {
 public:
  void Number(std::uint64_t number) { bytes.append(reinterpret_cast<const char*>(&number), sizeof(number)); }
  void Text(const std::string& text) {
    Number(text.size());
    bytes += text;
  }
  std::string bytes;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t Number() {
    std::uint64_t number = 0;
    std::memcpy(&number, rest_.data(), sizeof(number));
    rest_.remove_prefix(sizeof(number));
    return number;
  }
  std::string Text() {
    const std::size_t size = Number();
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }

 private:
  std::string_view rest_;
};

std::string Packed(const std::vector<std::size_t>& runs, const RunReport& report, bool with_effects) {
  Writer writer;
  writer.Number(runs.size());
  for (const std::size_t run : runs) writer.Number(run);
  with_effects = with_effects || !report.violations.empty();
  writer.Number(with_effects ? 0 : report.effects.size());
  writer.Number(with_effects ? report.effects.size() : 0);
  for (std::size_t i = 0; with_effects && i < report.effects.size(); ++i) {
    const Effect& effect = report.effects[i];
    writer.Number(static_cast<std::uint64_t>(effect.number));
    writer.Number(static_cast<std::uint64_t>(effect.life));
    writer.Number((effect.cloud ? 1u : 0u) | (effect.stream ? 2u : 0u));
    writer.Number(static_cast<std::uint64_t>(effect.mishap));
    writer.Number(static_cast<std::uint64_t>(effect.at.time_since_epoch().count()));
    writer.Number(effect.state);
    writer.Number(effect.moment);
    writer.Text(effect.shape);
    writer.Text(effect.what);
    writer.Text(effect.result);
  }
  writer.Number(report.joined ? 1 : 0);
  writer.Number(report.violations.size());
  for (const std::string& violation : report.violations) writer.Text(violation);
  writer.Text(report.timeline);
  return std::move(writer.bytes);
}

RunReport Unpacked(Reader& reader) {
  RunReport report;
  report.left_out = reader.Number();
  report.effects.resize(reader.Number());
  for (Effect& effect : report.effects) {
    effect.number = static_cast<int>(reader.Number());
    effect.life = static_cast<int>(reader.Number());
    const std::uint64_t flags = reader.Number();
    effect.cloud = (flags & 1) != 0;
    effect.stream = (flags & 2) != 0;
    effect.mishap = static_cast<Mishap>(reader.Number());
    effect.at = Instant(Duration(static_cast<Duration::rep>(reader.Number())));
    effect.state = reader.Number();
    effect.moment = reader.Number();
    effect.shape = reader.Text();
    effect.what = reader.Text();
    effect.result = reader.Text();
  }
  report.joined = reader.Number() != 0;
  report.violations.resize(reader.Number());
  for (std::string& violation : report.violations) violation = reader.Text();
  report.timeline = reader.Text();
  return report;
}

// The write end of a pipe that all processes share, one record at a time.
class Outlet {
 public:
  Outlet(int pipe, int lock) : pipe_(pipe), lock_(lock) {}
  void Write(const std::string& record) const {
    const std::uint64_t size = record.size();
    while (::lockf(lock_, F_LOCK, 0) != 0 && errno == EINTR) {
    }
    Put(reinterpret_cast<const char*>(&size), sizeof(size));
    Put(record.data(), record.size());
    (void)::lockf(lock_, F_ULOCK, 0);
  }

 private:
  void Put(const char* bytes, std::size_t size) const {
    while (size > 0) {
      const ssize_t written = ::write(pipe_, bytes, size);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) ::_exit(1);  // the reader is gone
      bytes += written;
      size -= static_cast<std::size_t>(written);
    }
  }
  const int pipe_, lock_;
};

// ---- A process that executes runs, and the processes forked from it.

class Walker {
 public:
  Walker(const Subject& subject, const std::vector<DepartingRun>& runs, const ForkOptions& options,
         Shared& shared, Outlet outlet)
      : subject_(subject),
        runs_(runs),
        options_(options),
        shared_(shared),
        outlet_(outlet),
        joining_(options.known) {}

  // Never returns: this process ends. It has a turn.
  [[noreturn]] void WalkAll() {
    std::map<std::uint64_t, std::vector<std::size_t>> by_seed;
    for (std::size_t run = 0; run < runs_.size(); ++run) by_seed[runs_[run].seed].push_back(run);
    for (const auto& [seed, group] : by_seed) {
      if (Departs(group)) Walk(seed);
    }
    End();
  }

 private:
  // An exception ends this process, and is reported as a death.
  [[noreturn]] void Walk(std::uint64_t seed) noexcept {
    RunOptions options;
    options.seed = seed;
    options.states = options_.states || options_.known != nullptr;
    options.before = [this](const Effect& effect, bool violated) {
      if (options_.known != nullptr) {
        if (joining_.Joins(effect, !violated && Over())) EndHere();
        passed_.push_back(effect);
      }
      Pass(effect);
    };
    options.done = [this](const RunReport& report) { EndWith(report); };
    EndWith(subject_.run(met_, options));
  }

  [[noreturn]] void EndWith(const RunReport& report) {
    if (options_.known != nullptr && report.violations.empty()) Learn(report.effects);
    outlet_.Write(Packed(group_, report, options_.states));
    End();
  }

  // Whether all mishaps of the remaining runs have struck.
  bool Over() const {
    return !met_.empty() && !group_.empty() &&
           std::all_of(group_.begin(), group_.end(),
                       [&](std::size_t run) { return runs_[run].schedule.size() == met_.size(); });
  }

  // The effects since the last mishap are known consequences of their states.
  void Learn(const std::vector<Effect>& effects) {
    options_.known->Add(effects, met_.empty() ? 0 : static_cast<std::size_t>(met_.back().effect));
  }

  [[noreturn]] void EndHere() {
    RunReport report;
    report.effects = std::move(passed_);
    report.joined = true;
    EndWith(report);
  }

  // Forks off the runs whose next mishap strikes here.
  void Pass(const Effect& effect) {
    if (shared_.stop) ::_exit(0);
    std::map<Mishap, std::vector<std::size_t>> departing;
    std::vector<std::size_t> staying;
    for (const std::size_t run : group_) {
      const Schedule& schedule = runs_[run].schedule;
      const bool here = met_.size() < schedule.size() && schedule[met_.size()].effect == effect.number;
      (here ? departing[schedule[met_.size()].mishap] : staying).push_back(run);
    }
    if (departing.empty()) return;
    for (const auto& [mishap, group] : departing) {
      // A run that is alone in its process needs no other.
      if (group_.size() > 1 && !Departs(group)) continue;
      met_.push_back({effect.number, mishap});
      return;
    }
    group_ = std::move(staying);
    if (group_.empty()) End();
  }

  // True in the new process, which has a turn and continues these runs.
  bool Departs(const std::vector<std::size_t>& group) {
    Reap(false);
    const bool free = ::sem_trywait(&shared_.turns) == 0;
    const pid_t child = ::fork();
    if (child == 0) {
      group_ = group;
      children_.clear();
      return true;
    }
    if (child < 0) {
      shared_.stop = true;
      ::_exit(1);
    }
    children_[child] = group;
    if (!free) Rest();  // the child took over this process's turn
    return false;
  }

  void Rest() {
    for (;;) {
      timespec until{};
      ::clock_gettime(CLOCK_REALTIME, &until);
      until.tv_sec += 1;
      if (::sem_timedwait(&shared_.turns, &until) == 0) return;
      Reap(false);
      if (shared_.stop) ::_exit(0);
    }
  }

  [[noreturn]] void End() {
    ::sem_post(&shared_.turns);
    while (!children_.empty()) Reap(true);
    ::_exit(0);
  }

  void Reap(bool wait) {
    int status = 0;
    while (!children_.empty()) {
      const pid_t child = ::waitpid(-1, &status, wait ? 0 : WNOHANG);
      if (child < 0 && errno == EINTR) continue;
      if (child <= 0) return;
      const auto found = children_.find(child);
      if (found == children_.end()) continue;
      if (WIFSIGNALED(status)) {
        RunReport report;
        report.violations.push_back(StrCat("the process died of signal ", WTERMSIG(status)));
        outlet_.Write(Packed(found->second, report, true));
        ::sem_post(&shared_.turns);
      }
      children_.erase(found);
    }
  }

  const Subject& subject_;
  const std::vector<DepartingRun>& runs_;
  const ForkOptions& options_;
  Shared& shared_;
  const Outlet outlet_;
  Schedule met_;                // mishaps that have struck so far
  std::vector<Effect> passed_;  // effects so far, when runs may join known ones
  Joining joining_;
  std::vector<std::size_t> group_;  // the runs that are identical so far
  std::map<pid_t, std::vector<std::size_t>> children_;
};

// Reads records from the pipe until all processes that write to it have ended.
bool TakeAll(int pipe, std::size_t count, const ForkOptions& options, Shared& shared,
             const std::function<void(std::size_t, RunReport)>& take) {
  std::string pending;
  char bytes[1 << 16];
  std::vector<bool> taken(count);  // a dead process is reported for every run it still had
  for (;;) {
    if (!shared.stop && options.stop && options.stop()) shared.stop = true;
    pollfd wait{pipe, POLLIN, 0};
    if (::poll(&wait, 1, 100) <= 0) continue;
    const ssize_t got = ::read(pipe, bytes, sizeof(bytes));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return !shared.stop;
    pending.append(bytes, static_cast<std::size_t>(got));
    std::uint64_t size = 0;
    std::size_t at = 0;
    while (pending.size() - at >= sizeof(size)) {
      std::memcpy(&size, pending.data() + at, sizeof(size));
      if (pending.size() - at - sizeof(size) < size) break;
      Reader reader(std::string_view(pending).substr(at + sizeof(size), size));
      std::vector<std::size_t> runs(reader.Number());
      for (std::size_t& run : runs) run = reader.Number();
      const RunReport report = Unpacked(reader);
      for (const std::size_t run : runs) {
        if (!taken[run]) take(run, report);
        taken[run] = true;
      }
      at += sizeof(size) + size;
    }
    pending.erase(0, at);
  }
}

}  // namespace

bool MakeForked(const Subject& subject, const std::vector<DepartingRun>& runs, const ForkOptions& options,
                const std::function<void(std::size_t run, RunReport report)>& take) {
  if (runs.empty()) return true;
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  auto* shared = new (memory) Shared;
  int ends[2] = {-1, -1};
  const int lock = ::memfd_create("capstan-explorer", MFD_CLOEXEC);
  const bool ready = lock >= 0 && ::pipe2(ends, O_CLOEXEC) == 0 &&
                     ::sem_init(&shared->turns, 1, static_cast<unsigned>(std::max(options.jobs, 1) - 1)) == 0;
  const pid_t root = ready ? ::fork() : -1;
  if (root == 0) {
    ::close(ends[0]);
    Walker(subject, runs, options, *shared, Outlet(ends[1], lock)).WalkAll();
  }
  bool all = false;
  if (ends[1] >= 0) ::close(ends[1]);
  if (root > 0) {
    all = TakeAll(ends[0], runs.size(), options, *shared, take);
    while (::waitpid(root, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (ends[0] >= 0) ::close(ends[0]);
  if (lock >= 0) ::close(lock);
  ::munmap(memory, sizeof(Shared));
  return all;
}

}  // namespace capstan::simulation
