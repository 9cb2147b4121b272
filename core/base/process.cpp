#include <capstan/core/base/process.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <capstan/core/base/text.hpp>

extern char** environ;

namespace capstan {
namespace {

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_, O_CLOEXEC) != 0) ends_[0] = ends_[1] = -1;
  }
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool ok() const { return ends_[0] >= 0; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void CloseRead() { Close(ends_[0]); }
  void CloseWrite() { Close(ends_[1]); }

 private:
  static void Close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  int ends_[2];
};

// Poll interval for the end of a program, if waiting for it is not possible. Milliseconds.
constexpr int kLookPeriod = 50;

Instant BootNow() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

std::vector<std::string> MergedEnvironment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (added.count(text.substr(0, text.find('='))) == 0) merged.push_back(text);
  }
  for (const auto& [name, value] : added) merged.push_back(StrCat(name, "=", value));
  return merged;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

class SystemProcess final : public Process {
 public:
  Result<Completed> Run(const Command& command, const Context& context) override {
    if (command.arguments.empty()) return Fail(Code::kInvalidArgument, "no program to run was named");
    const std::string& program = command.arguments.front();
    Pipe input, output, error_output;
    if (!input.ok() || !output.ok() || !error_output.ok()) {
      return Fail(Code::kUnavailable, "cannot run " + program + ": no pipe could be made");
    }
    std::vector<std::string> arguments = command.arguments;
    std::vector<std::string> environment = MergedEnvironment(command.environment);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.read_end(), 0);
    posix_spawn_file_actions_adddup2(&actions, output.write_end(), 1);
    posix_spawn_file_actions_adddup2(&actions, error_output.write_end(), 2);
    // A process group of its own, so that its children are killed with it.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // The program must not inherit this process's signal mask: with SIGTERM blocked, `timeout`
    // would not work in a plugin.
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t pid = -1;
    const int failed = ::posix_spawnp(&pid, program.c_str(), &actions, &attributes,
                                      Pointers(arguments).data(), Pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
      const Code code = failed == ENOENT   ? Code::kNotFound
                        : failed == EACCES ? Code::kPermissionDenied
                                           : Code::kUnavailable;
      return Fail(code, "cannot run " + program + ": " + std::strerror(failed));
    }
    input.CloseRead();
    output.CloseWrite();
    error_output.CloseWrite();
    return Collect(command, pid, input, output, error_output, context);
  }

  std::optional<std::string> Environment(const std::string& name) override {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  }

 private:
  static Result<Completed> Collect(const Command& command, pid_t pid, Pipe& input, Pipe& output,
                                   Pipe& error_output, const Context& context) {
    const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const int ended = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    Completed completed;
    std::optional<Failure> failure;
    {
      std::stop_callback on_stop(context.stop, [wake] { (void)::eventfd_write(wake, 1); });
      failure = Pump(command, completed, input, output, error_output, {pid, ended, wake}, context);
    }
    ::close(wake);
    if (ended >= 0) ::close(ended);
    if (failure) ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (failure) return *failure;
    completed.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return completed;
  }

  struct Child {
    pid_t pid;
    int ended;  // readable when it has ended; negative if the sandbox does not permit a pidfd
    int wake;   // readable when this process must stop
    bool has_ended() const {
      siginfo_t info{};
      return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
             info.si_pid == pid;
    }
  };
  // Feeds and drains the program until it ends. The program may close its outputs long before that,
  // and its children may keep them open long after. A failure means that it must be killed.
  static std::optional<Failure> Pump(const Command& command, Completed& completed, Pipe& input, Pipe& output,
                                     Pipe& error_output, const Child& child, const Context& context) {
    const std::string& program = command.arguments.front();
    std::size_t fed = 0;
    if (command.input.empty()) input.CloseWrite();
    ::fcntl(input.write_end(), F_SETFL, O_NONBLOCK);
    ::fcntl(output.read_end(), F_SETFL, O_NONBLOCK);
    ::fcntl(error_output.read_end(), F_SETFL, O_NONBLOCK);
    for (;;) {
      int timeout = child.ended < 0 ? kLookPeriod : -1;
      if (context.deadline != kForever) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(context.deadline - BootNow()).count();
        if (left <= 0) return Fail(Code::kDeadlineExceeded, program + " did not end in time and was killed");
        timeout = static_cast<int>(std::min<std::int64_t>(left, child.ended < 0 ? kLookPeriod : 3'600'000));
      }
      pollfd files[5] = {{output.read_end(), POLLIN, 0},
                         {error_output.read_end(), POLLIN, 0},
                         {input.write_end(), POLLOUT, 0},
                         {child.wake, POLLIN, 0},
                         {child.ended, POLLIN, 0}};
      if (::poll(files, 5, timeout) < 0) {
        if (errno == EINTR) continue;
        return Fail(Code::kUnavailable, "poll failed for " + program);
      }
      if (files[3].revents != 0)
        return Fail(Code::kCancelled, program + " was killed because this process is stopping");
      if (files[2].revents != 0) {
        const ssize_t put =
            ::write(input.write_end(), command.input.data() + fed, command.input.size() - fed);
        if (put > 0) fed += static_cast<std::size_t>(put);
        if ((put < 0 && errno != EAGAIN) || fed == command.input.size()) input.CloseWrite();
      }
      // Check before draining the outputs: then all its output is there.
      const bool ended = child.has_ended();
      if (!Drain(output, completed.output, command.output_limit)) {
        return Fail(Code::kTooLarge,
                    program + " printed more than " + std::to_string(command.output_limit) + " bytes");
      }
      if (!Drain(error_output, completed.error_output, command.output_limit)) {
        return Fail(Code::kTooLarge, program + " printed too much on standard error");
      }
      if (ended) return std::nullopt;
    }
  }

  // Reads the available output; false if it exceeds the limit.
  static bool Drain(Pipe& pipe, std::string& into, std::size_t limit) {
    char buffer[16384];
    while (pipe.read_end() >= 0 && into.size() <= limit) {
      const ssize_t got = ::read(pipe.read_end(), buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0) {
        pipe.CloseRead();
        break;
      }
      into.append(buffer, static_cast<std::size_t>(got));
    }
    return into.size() <= limit;
  }
};

}  // namespace

std::unique_ptr<Process> MakeSystemProcess() { return std::make_unique<SystemProcess>(); }

}  // namespace capstan
