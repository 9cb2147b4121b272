#include <capstan/simulation/engine/life.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::simulation {

Life::Life(const LifeDoor& door, int number)
    : number_(number),
      holder_(StrCat("operator-", number)),
      port_(door.network, door.scheduler, door.effects, *this, door.kubernetes) {}

}  // namespace capstan::simulation
