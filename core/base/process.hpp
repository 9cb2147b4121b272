// Process runs another program and collects its output. Its only use is credential plugins of a
// kubeconfig. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan {

struct Command {
  std::vector<std::string> arguments;               // arguments[0] is looked up in PATH; no shell
  std::map<std::string, std::string> environment;   // added to the environment of this process
  std::string input;                                // standard input
  std::size_t output_limit = std::size_t{1} << 20;  // bytes of standard output and error each
};
struct Completed {
  int exit_status = 0;  // 128 + signal when killed
  std::string output;
  std::string error_output;
};

class Process {
 public:
  virtual ~Process() = default;
  // Waits for the program itself to exit, but not for processes that it started. The program starts
  // with no signal blocked or ignored. Errors: kNotFound (no such program), kPermissionDenied,
  // kDeadlineExceeded and kCancelled (it was killed), kTooLarge.
  virtual Result<Completed> Run(const Command& command, const Context& context) = 0;
  // A variable from the environment of this process, or nothing.
  virtual std::optional<std::string> Environment(const std::string& name) = 0;
};

std::unique_ptr<Process> MakeSystemProcess();

}  // namespace capstan
