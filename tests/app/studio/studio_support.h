#pragma once

#include "app/studio/gather/gallery_model.h"
#include "app/studio/gather/gallery_view.h"
#include "app/studio/gather/gather_page.h"
#include "tests/app/studio/studio_fixture.h"

namespace percept::studio::test_support {

// With the Gather page in reach.
class Studio : public StudioTest {
protected:
    GatherPage& gather() { return *static_cast<GatherPage*>(m_window->page(QStringLiteral("gather"))); }
    GalleryModel& model() { return *static_cast<GalleryModel*>(find<GalleryView>("gallery")->model()); }
    qint64 inSet(domain::SplitSet set)
    {
        const auto& counts = m_window->context().counts().bySet;
        const auto it = counts.find(set);
        return it == counts.end() ? 0 : it->second;
    }
    // Rows are read on another thread.
    bool rowsAre(qint64 rows)
    {
        return eventually([&] { return !model().isReading() && model().rowCount() == rows; });
    }
    void openSquares(int pictures)
    {
        StudioTest::openSquares(pictures);
        ASSERT_TRUE(rowsAre(pictures));
    }
};

}
