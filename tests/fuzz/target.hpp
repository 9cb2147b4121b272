// The parts of every fuzz target. A target is a function that passes arbitrary bytes to the code
// that reads such input, and ends the process when an assertion about it is false. Rejecting bad
// input is correct and never a failure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace capstan::fuzz {

struct Target {
  const char* name;  // also the name of its corpus: corpus/<name>
  void (*run)(std::string_view input);
};
const std::vector<Target>& Targets();

// Ends the process because `statement` was false.
[[noreturn]] void Broken(const char* file, int line, const char* statement, const std::string& detail);
#define CAPSTAN_MUST(statement, detail)                                                  \
  do {                                                                                   \
    if (!(statement)) ::capstan::fuzz::Broken(__FILE__, __LINE__, #statement, (detail)); \
  } while (false)

// Splits an input into single bytes, for decisions, and pieces that end at 0xff.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}
  unsigned Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string Piece() {
    const auto end = rest_.find('\xff');
    std::string piece(rest_.substr(0, end));
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return piece;
  }
  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// One for each file.
void FuzzMessages(std::string_view input);
void FuzzItems(std::string_view input);
void FuzzObjects(std::string_view input);
void FuzzPatches(std::string_view input);
void FuzzKubernetesTexts(std::string_view input);
void FuzzTimesAndSelectors(std::string_view input);
void FuzzPlugins(std::string_view input);
void FuzzPluginAnswers(std::string_view input);
void FuzzDigitalOcean(std::string_view input);
void FuzzCel(std::string_view input);
void FuzzSchemas(std::string_view input);
void FuzzPatterns(std::string_view input);
void FuzzBodies(std::string_view input);
void FuzzMerges(std::string_view input);
void FuzzApiServer(std::string_view input);
void FuzzSimulator(std::string_view input);
void FuzzSdkJson(std::string_view input);

}  // namespace capstan::fuzz
