#include <capstan/apps/capstan/console/progress_display.hpp>

#include <cmath>
#include <cstdio>

#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

constexpr const char* kGreen = "\033[32m";
constexpr const char* kRed = "\033[31m";
constexpr const char* kDim = "\033[2m";
constexpr const char* kPlain = "\033[0m";
constexpr const char* kClearLine = "\r\033[K";

std::string SecondsText(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", std::chrono::duration<double>(duration).count());
  return text;
}

std::string Bar(double fraction) {
  constexpr int kWidth = 20;
  const int full = static_cast<int>(std::lround(fraction * kWidth));
  std::string bar = "[";
  for (int i = 0; i < kWidth; ++i) bar += i < full ? "#" : ".";
  return bar + "]";
}

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

ProgressDisplay::ProgressDisplay(const Clock& clock, Terminal terminal)
    : clock_(clock),
      terminal_(terminal.live),
      colours_(terminal.colours),
      started_(clock.Now()),
      began_(started_) {}

void ProgressDisplay::Begin(const std::string& what) {
  MutexLock lock(mutex_);
  what_ = what;
  detail_.clear();
  fraction_ = -1;
  began_ = clock_.Now();
  if (terminal_) {
    Draw();
  } else {
    Print("... " + what + "\n");
  }
}

void ProgressDisplay::Update(const std::string& detail, double fraction) {
  MutexLock lock(mutex_);
  const bool changed = detail != detail_;
  detail_ = detail;
  fraction_ = fraction;
  if (terminal_) {
    Draw();
  } else if (changed) {
    Print("    " + detail + "\n");
  }
}

void ProgressDisplay::Tick() {
  MutexLock lock(mutex_);
  if (terminal_ && !what_.empty()) Draw();
}

void ProgressDisplay::Done(const std::string& what) {
  MutexLock lock(mutex_);
  Finish("[ok]", kGreen, what);
}

void ProgressDisplay::Failed(const std::string& what) {
  MutexLock lock(mutex_);
  Finish("[!!]", kRed, what);
}

void ProgressDisplay::Detail(const std::string& text) {
  MutexLock lock(mutex_);
  for (const std::string& line : Split(text, '\n')) Print("       " + line + "\n");
}

void ProgressDisplay::Draw() {
  static constexpr const char* kSpinner[] = {"|", "/", "-", "\\"};
  const Duration since = clock_.Now() - began_;
  const auto turn = std::chrono::duration_cast<std::chrono::milliseconds>(since).count() / 120 % 4;
  std::string line = StrCat(kClearLine, " ", kSpinner[turn], "   ", what_);
  if (fraction_ >= 0) line += " " + Bar(fraction_);
  if (!detail_.empty()) line += StrCat(" ", detail_);
  line += colours_ ? StrCat(kDim, "  ", SecondsText(since), kPlain) : "  " + SecondsText(since);
  Print(line);
}

void ProgressDisplay::Finish(const char* mark, const char* colour, const std::string& what) {
  const std::string total = SecondsText(clock_.Now() - started_);
  if (terminal_) {
    const char* const plain = colours_ ? kPlain : "";
    Print(StrCat(kClearLine, colours_ ? colour : "", mark, plain, " ", what, colours_ ? kDim : "", "  (at ",
                 total, ")", plain, "\n"));
  } else {
    Print(StrCat(mark, " ", what, " (at ", total, ")\n"));
  }
  what_.clear();
}

}  // namespace capstan::app
