#include <capstan/plugins/loader/calls/input.hpp>

namespace capstan::loader {

template <class T>
T* Input::Array(std::size_t count) {
  auto* made = static_cast<T*>(arena_->Allocate(sizeof(T) * count));
  complete_ = complete_ && made != nullptr;
  return made;
}

template <class T>
T* Input::New() {
  T* made = Array<T>(1);
  if (made != nullptr) made->struct_size = sizeof(T);
  return made;
}

capstan_text_t Input::Text(std::string_view text) {
  const capstan_text_t copy = arena_->Copy(text);
  complete_ = complete_ && copy.size == text.size();
  return copy;
}

const capstan_identity_t* Input::Identity(const external::Identity& identity) {
  auto* out = New<capstan_identity_t>();
  if (out == nullptr) return nullptr;
  out->tag = Text(identity.tag);
  out->owner = Text(identity.owner);
  out->parent = Text(identity.parent);
  out->target = Text(identity.target);
  return out;
}

const capstan_observed_t* Input::Observed(const external::Observed& observed) {
  auto* out = New<capstan_observed_t>();
  if (out == nullptr) return nullptr;
  out->phase = static_cast<std::int32_t>(observed.phase);
  out->connectable = observed.connectable ? 1 : 0;
  out->id = Text(observed.id);
  out->name = Text(observed.name);
  out->identity = Text(observed.identity);
  out->owner = Text(observed.owner);
  out->message = Text(observed.message);
  out->created_at = Text(observed.created_at);
  out->status = Text(observed.status);
  out->state = Text(observed.state);
  return out;
}

const capstan_step_t* Input::Step(const external::Step& step) {
  auto* out = New<capstan_step_t>();
  if (out == nullptr) return nullptr;
  out->makes = step.makes ? 1 : 0;
  out->destroys = step.destroys ? 1 : 0;
  out->waits = step.waits ? 1 : 0;
  out->monthly_cost_change = step.monthly_cost_change;
  out->verb = Text(step.verb);
  out->target = Text(step.target);
  out->why = Text(step.why);
  out->arguments = Text(step.arguments);
  out->consumes = Text(step.consumes);
  return out;
}

const capstan_remove_options_t* Input::RemoveOptions(const external::DeleteOptions& options) {
  auto* out = New<capstan_remove_options_t>();
  auto** items = Array<const capstan_associated_t*>(options.associated.size());
  if (out == nullptr || items == nullptr) return nullptr;
  for (std::size_t i = 0; i < options.associated.size(); ++i) {
    auto* item = New<capstan_associated_t>();
    if (item == nullptr) return nullptr;
    item->kind = Text(options.associated[i].kind);
    item->id = Text(options.associated[i].id);
    item->name = Text(options.associated[i].name);
    item->monthly_cost = options.associated[i].monthly_cost;
    items[i] = item;
  }
  out->associated = items;
  out->associated_count = options.associated.size();
  return out;
}

const capstan_entry_t* Input::Credentials(const external::Credentials& credentials) {
  auto* entries = Array<capstan_entry_t>(credentials.data.size());
  if (entries == nullptr) return nullptr;
  std::size_t i = 0;
  for (const auto& [name, value] : credentials.data) {
    entries[i].name = Text(name);
    entries[i].value = Text(value.Reveal());
    ++i;
  }
  return entries;
}

}  // namespace capstan::loader
