#pragma once

#include "app/studio/frame/attempt.h"

#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <type_traits>

namespace percept::studio {

// Runs `work` on the shared pool and hands its result to `done` on the interface thread, unless `receiver` has gone by then.
// For short work without a progress bar; what takes seconds belongs in the JobList. What `work` throws is an error where it gives a
// Result; else `done` is not called, and the log says why.
template <typename Work, typename Done>
void runInBackground(QObject* receiver, Work work, Done done)
{
    QPointer<QObject> guard(receiver);
    QThreadPool::globalInstance()->start([guard, work = std::move(work), done = std::move(done)]() mutable {
        using R = std::invoke_result_t<Work>;
        auto made = attempt<R>(work);
        if (!made)
            return;
        auto result = std::make_shared<R>(std::move(*made));
        QMetaObject::invokeMethod(
            qApp,
            [guard, result, done = std::move(done)]() mutable {
                if (guard)
                    done(std::move(*result));
            },
            Qt::QueuedConnection);
    });
}

// Runs `work` on the interface thread, unless `receiver` has gone by then. From any thread.
template <typename Work>
void postToInterface(QPointer<QObject> receiver, Work work)
{
    QMetaObject::invokeMethod(
        qApp,
        [receiver, work = std::move(work)]() mutable {
            if (receiver)
                work();
        },
        Qt::QueuedConnection);
}

}
