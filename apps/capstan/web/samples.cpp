#include <capstan/apps/capstan/web/samples.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace capstan::app {
namespace {

double SampleValue(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && std::isfinite(value) ? value : 0;
}

double Rounded(double value) { return std::round(value * 1000) / 1000; }

}  // namespace

Sample SampleOf(std::string_view metrics, WallTime at) {
  Sample sample;
  sample.at = at;
  std::map<std::string_view, double> left, limit;  // by labels
  while (!metrics.empty()) {
    const std::size_t end = std::min(metrics.find('\n'), metrics.size());
    const std::string_view line = metrics.substr(0, end);
    metrics.remove_prefix(std::min(end + 1, metrics.size()));
    const std::size_t blank = line.rfind(' ');
    if (line.empty() || line[0] == '#' || blank == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, std::min(line.find('{'), blank));
    const std::string_view labels = line.substr(name.size(), blank - name.size());
    const double value = SampleValue(line.substr(blank + 1));
    if (name == "workqueue_depth") sample.queue_depth += value;
    if (name == "controller_runtime_reconcile_time_seconds_count") sample.reconciles += value;
    if (name == "controller_runtime_reconcile_time_seconds_sum") sample.reconcile_seconds += value;
    if (name == "capstan_provider_quota_remaining") left[labels] = value;
    if (name == "capstan_provider_quota_limit") limit[labels] = value;
  }
  for (const auto& [labels, value] : left) {
    const auto of = limit.find(labels);
    if (of == limit.end() || of->second <= 0) continue;
    const double part = std::clamp(value / of->second, 0.0, 1.0);
    sample.quota_left = std::min(sample.quota_left.value_or(1), part);
  }
  return sample;
}

void Samples::Add(const Sample& sample) {
  MutexLock lock(mutex_);
  samples_.push_back(sample);
  if (samples_.size() > kKept) samples_.pop_front();
}

Json Samples::ToJson() const {
  MutexLock lock(mutex_);
  Json list = Json::EmptyArray();
  const Sample* before = nullptr;
  for (const Sample& sample : samples_) {
    Json one = Json::EmptyObject();
    one.Set("t", std::int64_t{
                     std::chrono::duration_cast<std::chrono::seconds>(sample.at.time_since_epoch()).count()});
    one.Set("queue", sample.queue_depth);
    if (before != nullptr) {
      const double seconds = std::chrono::duration<double>(sample.at - before->at).count();
      const double count = sample.reconciles - before->reconciles;
      if (seconds > 0 && count >= 0) one.Set("rate", Rounded(count / seconds));
      if (count > 0)
        one.Set("latency", Rounded((sample.reconcile_seconds - before->reconcile_seconds) / count));
    }
    if (sample.quota_left) one.Set("quota", Rounded(*sample.quota_left));
    list.Append(std::move(one));
    before = &sample;
  }
  return list;
}

}  // namespace capstan::app
