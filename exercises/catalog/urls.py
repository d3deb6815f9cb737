"""Paths below /api/v1/."""

from django.urls import path

from exercises.catalog import api, articles_api, home_care_api

urlpatterns = [
    path("content/exercises", api.Exercises.as_view()),
    path("content/exercises/<str:code>", api.OneExercise.as_view()),
    path("content/articles", articles_api.Articles.as_view()),
    path("content/articles/<str:article_id>", articles_api.OneArticle.as_view()),
    path("content/home-care", home_care_api.HomeCareGuide.as_view()),
]
